using Kafka.Broker.Protocol;

namespace Kafka.Broker.Apis;

/// <summary>
/// OffsetFetch, key 9, versions 1 to 10: several groups from 8 on, topic ids in 10. No topic list means every partition that has an
/// offset; one without is answered -1.
/// </summary>
internal sealed class OffsetFetch(Broker broker) : ImmediateApi(9, 1, 10, flexibleFrom: 6)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        if (request.Version >= 3)
        {
            answer.Int32(0); // throttle time
        }

        if (request.Version <= 7)
        {
            WriteTopics(request.Version, reader.String(), ref reader, answer);
            if (request.Version >= 2)
            {
                answer.Error(ErrorCode.None);
            }

            answer.Tags();
            return;
        }

        var groups = reader.ArrayLength();
        answer.Array(groups);
        for (var i = 0; i < groups; i++)
        {
            var group = reader.String();
            if (request.Version >= 9)
            {
                reader.NullableString(); // member id and epoch: of the new group protocol only
                reader.Int32();
            }

            answer.String(group);
            WriteTopics(request.Version, group, ref reader, answer);
            reader.Tags();
            answer.Error(ErrorCode.None);
            answer.Tags();
        }

        answer.Tags();
    }

    private void WriteTopics(short version, string group, ref RequestReader reader, ResponseWriter answer)
    {
        var topics = reader.ArrayLength();
        if (topics < 0)
        {
            var all = broker.Groups.CommittedPartitions(group);
            answer.Array(all.Count);
            foreach (var (name, partitions) in all)
            {
                WriteTopic(version, answer, name, broker.Topics.Find(name)?.Id ?? Guid.Empty);
                answer.Array(partitions.Length);
                foreach (var partition in partitions)
                {
                    WritePartition(version, answer, group, name, partition);
                }

                answer.Tags();
            }

            return;
        }

        answer.Array(topics);
        for (var i = 0; i < topics; i++)
        {
            var id = version >= 10 ? reader.Uuid() : Guid.Empty;
            var byId = version >= 10 ? broker.Topics.Find(id) : null;
            var name = version >= 10 ? byId?.Name : reader.String();
            WriteTopic(version, answer, name, id);
            var partitions = reader.ArrayLength();
            answer.Array(partitions);
            for (var p = 0; p < partitions; p++)
            {
                WritePartition(version, answer, group, name, reader.Int32());
            }

            reader.Tags();
            answer.Tags();
        }
    }

    private static void WriteTopic(short version, ResponseWriter answer, string? name, Guid id)
    {
        if (version >= 10)
        {
            answer.Uuid(id);
        }
        else
        {
            answer.String(name);
        }
    }

    private void WritePartition(short version, ResponseWriter answer, string group, string? topic, int partition)
    {
        var committed = topic is null ? null : broker.Groups.Committed(group, topic, partition);
        answer.Int32(partition);
        answer.Int64(committed?.Offset ?? -1);
        if (version >= 5)
        {
            answer.Int32(committed?.LeaderEpoch ?? -1);
        }

        answer.String(committed?.Metadata ?? "");
        answer.Error(topic is null ? ErrorCode.UnknownTopicId : ErrorCode.None);
        answer.Tags();
    }
}
