using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// DescribeTopicPartitions, key 75, version 0 (KIP-966): topics in the order of their names, at most so many partitions, and a cursor
/// where to go on. No topic named means all.
/// </summary>
internal sealed class DescribeTopicPartitions(Broker broker) : ImmediateApi(75, 0, 0, flexibleFrom: 0)
{
    private const int MaxPartitions = 2000;

    private readonly record struct Page(string Name, Topic? Topic, int From, int To);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            names.Add(reader.String());
            reader.Tags();
        }

        var limit = Math.Clamp(reader.Int32(), 1, MaxPartitions);
        (string Name, int Partition) cursor = reader.Int8() < 0 ? ("", 0) : (reader.String(), reader.Int32());
        var asked = names.Count > 0 ? names : broker.Topics.All.Select(t => t.Name);

        var pages = new List<Page>();
        (string Name, int Partition)? next = null;
        foreach (var name in asked.Where(n => string.CompareOrdinal(n, cursor.Name) >= 0))
        {
            var topic = broker.Topics.Find(name);
            var from = name == cursor.Name ? Math.Max(0, cursor.Partition) : 0;
            var to = Math.Min(topic?.Partitions.Length ?? 0, from + limit);
            if (limit == 0)
            {
                next = (name, from);
                break;
            }

            pages.Add(new Page(name, topic, from, to));
            limit -= Math.Max(0, to - from);
            if (topic is not null && to < topic.Partitions.Length)
            {
                next = (name, to);
                break;
            }
        }

        answer.Int32(0); // throttle time
        answer.Array(pages.Count);
        foreach (var page in pages)
        {
            Write(answer, page);
        }

        answer.Int8(next is null ? -1 : 1);
        if (next is var (nextName, nextPartition))
        {
            answer.String(nextName);
            answer.Int32(nextPartition);
            answer.Tags();
        }

        answer.Tags();
    }

    private void Write(ResponseWriter answer, Page page)
    {
        answer.Error(page.Topic is not null ? ErrorCode.None : Topic.IsName(page.Name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic);
        answer.String(page.Name);
        answer.Uuid(page.Topic?.Id ?? Guid.Empty);
        answer.Bool(false); // internal
        answer.Array(Math.Max(0, page.To - page.From));
        for (var i = page.From; i < page.To; i++)
        {
            answer.Error(ErrorCode.None);
            answer.Int32(i);
            answer.Int32(broker.NodeId);
            answer.Int32(page.Topic!.Partitions[i].LeaderEpoch);
            answer.Ints([broker.NodeId]);
            answer.Ints([broker.NodeId]);
            answer.Ints([]); // eligible leader replicas
            answer.Ints([]); // last known ones
            answer.Ints([]); // offline replicas
            answer.Tags();
        }

        answer.Int32(int.MinValue); // topic operations
        answer.Tags();
    }
}
