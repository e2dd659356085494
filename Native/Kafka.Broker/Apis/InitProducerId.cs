using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// InitProducerId, key 22, versions 0 to 5: a new id with epoch 0 for an idempotent producer. A transactional id is refused with
/// INVALID_REQUEST: transactions are not served.
/// </summary>
internal sealed class InitProducerId(Server.Broker broker) : ImmediateApi(22, 0, 5, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        bool isTransactional = reader.NullableString() is not null;
        answer.Int32(0); // throttle time
        answer.Error(isTransactional ? ErrorCode.InvalidRequest : ErrorCode.None);
        answer.Int64(isTransactional ? -1 : broker.Folder.NextProducerId());
        answer.Int16(isTransactional ? -1 : 0);
        answer.Tags();
    }
}
