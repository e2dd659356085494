using Kafka.Broker.Log;
using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// Produce, key 0, versions 3 to 13 (topic ids from 13 on). Acknowledged once the bytes are written to the segment file; acks=1 and
/// acks=-1 mean the same on one node, acks=0 gets no answer. Versions 0 to 2 are named by ApiVersions although no request in them is
/// served: librdkafka takes their absence for a broker without compression, so Kafka 4 names them too (KIP-896).
/// </summary>
internal sealed class Produce(Broker broker, TimeProvider time) : ImmediateApi(0, 3, 13, flexibleFrom: 9)
{
    public override short AdvertisedMin => 0;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        if (request.Version < Min)
        {
            throw new MalformedRequestException($"it produces with version {request.Version}, from before record batches");
        }

        var reader = request.Read();
        var transactionalId = reader.NullableString();
        var acks = reader.Int16();
        reader.Int32(); // timeout: nothing is waited for
        var refused = acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks
            : transactionalId is not null ? ErrorCode.TransactionalIdAuthorizationFailed
            : ErrorCode.None;

        var topics = reader.ArrayLength();
        answer.Array(topics);
        for (var i = 0; i < topics; i++)
        {
            Topic? topic;
            if (request.Version >= 13)
            {
                var id = reader.Uuid();
                topic = broker.Topics.Find(id);
                answer.Uuid(id);
            }
            else
            {
                var name = reader.String();
                topic = broker.Topics.Find(name);
                answer.String(name);
            }

            var partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (var p = 0; p < partitions; p++)
            {
                var index = reader.Int32();
                var records = reader.Bytes();
                reader.Tags();
                var unknown = topic is null && request.Version >= 13 ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
                var result = refused != ErrorCode.None ? AppendResult.Refused(refused, "Transactions are not served by this broker.")
                    : topic?.Partition(index) is { } partition ? Append(partition, records, request.Version)
                    : new AppendResult(unknown, -1, -1, null);
                WritePartition(request.Version, answer, index, result, topic?.Partition(index)?.StartOffset ?? -1);
            }

            reader.Tags();
            answer.Tags();
        }

        answer.Int32(0); // throttle time
        answer.Tags();
        answer.IsSent = acks != 0;
    }

    private AppendResult Append(PartitionLog partition, Span<byte> records, short version)
    {
        var config = partition.Config;
        if (ProducedBatch.Refuse(records, config, version, time.GetUtcNow().ToUnixTimeMilliseconds()) is { } refused)
        {
            return refused;
        }

        var appended = partition.Append(records, config);
        if (appended.Error == ErrorCode.None && partition.EndOffset - partition.RecoveryPoint >= config.FlushMessages)
        {
            partition.Flush();
        }

        return appended;
    }

    private static void WritePartition(short version, ResponseWriter answer, int index, AppendResult result, long startOffset)
    {
        answer.Int32(index);
        answer.Error(result.Error);
        answer.Int64(result.BaseOffset);
        answer.Int64(result.AppendTime);
        if (version >= 5)
        {
            answer.Int64(result.Error == ErrorCode.None ? startOffset : -1);
        }

        if (version >= 8)
        {
            WriteBadRecord(answer, result);
            answer.String(result.Message);
        }

        answer.Tags();
    }

    private static void WriteBadRecord(ResponseWriter answer, AppendResult result)
    {
        answer.Array(result.BadRecord is null ? 0 : 1);
        if (result.BadRecord is { } index)
        {
            answer.Int32(index);
            answer.String(result.Message);
            answer.Tags();
        }
    }
}
