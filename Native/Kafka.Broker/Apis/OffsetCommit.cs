using Kafka.Broker.Groups;
using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// OffsetCommit, key 8, versions 2 to 10 (topic ids in 10). All offsets of a request are one entry of the journal, written before the
/// answer.
/// </summary>
internal sealed class OffsetCommit(Broker broker, TimeProvider time) : ImmediateApi(8, 2, 10, flexibleFrom: 8)
{
    private sealed record Asked(string? Name, Guid Id, Topic? Topic, List<(int Index, ErrorCode Error)> Partitions);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var version = request.Version;
        var reader = request.Read();
        var group = reader.String();
        var generation = reader.Int32();
        var member = reader.String();
        var instance = version >= 7 ? reader.NullableString() : null;
        if (version <= 4)
        {
            reader.Int64(); // retention time, which Kafka ignores as well since offsets.retention.minutes counts from the group's end
        }

        var offsets = new List<((string, int), CommittedOffset)>();
        var asked = new List<Asked>();
        for (var topics = reader.ArrayLength(); topics > 0; topics--)
        {
            asked.Add(ParseTopic(version, ref reader, offsets));
        }

        var error = group.Length == 0 ? ErrorCode.InvalidGroupId : broker.Groups.Commit(group, member, instance, generation, offsets);
        if (version >= 3)
        {
            answer.Int32(0); // throttle time
        }

        answer.Array(asked.Count);
        foreach (var topic in asked)
        {
            if (version >= 10)
            {
                answer.Uuid(topic.Id);
            }
            else
            {
                answer.String(topic.Name);
            }

            answer.Array(topic.Partitions.Count);
            foreach (var (index, own) in topic.Partitions)
            {
                answer.Int32(index);
                answer.Error(own != ErrorCode.None ? own : error);
                answer.Tags();
            }

            answer.Tags();
        }

        answer.Tags();
    }

    private Asked ParseTopic(short version, ref RequestReader reader, List<((string, int), CommittedOffset)> offsets)
    {
        var name = version >= 10 ? null : reader.String();
        var id = version >= 10 ? reader.Uuid() : Guid.Empty;
        var topic = name is null ? broker.Topics.Find(id) : broker.Topics.Find(name);
        var partitions = new List<(int, ErrorCode)>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            var index = reader.Int32();
            var offset = reader.Int64();
            var leaderEpoch = version >= 6 ? reader.Int32() : -1;
            var metadata = reader.NullableString() ?? "";
            reader.Tags();
            var error = topic is null && name is null ? ErrorCode.UnknownTopicId
                : topic?.Partition(index) is null ? ErrorCode.UnknownTopicOrPartition
                : metadata.Length > broker.Options.Number("offset.metadata.max.bytes") ? ErrorCode.OffsetMetadataTooLarge
                : ErrorCode.None;
            if (error == ErrorCode.None)
            {
                offsets.Add(((topic!.Name, index), new CommittedOffset(offset, leaderEpoch, metadata, time.GetUtcNow().ToUnixTimeMilliseconds())));
            }

            partitions.Add((index, error));
        }

        reader.Tags();
        return new Asked(name, id, topic, partitions);
    }
}
