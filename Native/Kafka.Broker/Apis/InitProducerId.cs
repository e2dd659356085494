using Kafka.Broker.Files;
using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// InitProducerId, key 22, versions 0 to 5: a new id with epoch 0 for an idempotent producer. A transactional id is refused with
/// INVALID_REQUEST: transactions are not served.
/// </summary>
internal sealed class InitProducerId(Broker broker) : ImmediateApi(22, 0, 5, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var isTransactional = reader.NullableString() is not null;
        var (error, id) = isTransactional ? (ErrorCode.InvalidRequest, -1) : NextId();
        answer.Int32(0); // throttle time
        answer.Error(error);
        answer.Int64(id);
        answer.Int16(error == ErrorCode.None ? 0 : -1);
        answer.Tags();
    }

    private (ErrorCode Error, long Id) NextId()
    {
        try
        {
            return (ErrorCode.None, broker.Folder.NextProducerId());
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            broker.Errors.Report(broker.Folder.Root, e);
            return (ErrorCode.KafkaStorageError, -1);
        }
    }
}
