using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>CreatePartitions, key 37, versions 0 to 3: a topic can only get more of them.</summary>
internal sealed class CreatePartitions(Broker broker) : ImmediateApi(37, 0, 3, flexibleFrom: 2)
{
    private const int MaxPartitions = 10_000;

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var asked = new List<(string Name, int Count)>();
        for (var topics = reader.ArrayLength(); topics > 0; topics--)
        {
            asked.Add((reader.String(), reader.Int32()));
            for (var assignments = reader.ArrayLength(); assignments > 0; assignments--)
            {
                for (var brokers = reader.ArrayLength(); brokers > 0; brokers--)
                {
                    reader.Int32(); // there is but one broker to assign to
                }

                reader.Tags();
            }

            reader.Tags();
        }

        reader.Int32(); // timeout: done at once
        var validateOnly = reader.Bool();

        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach (var (name, count) in asked)
        {
            var (error, message) = Refuse(broker.Topics.Find(name), count);
            if (error == ErrorCode.None && !validateOnly)
            {
                (error, message) = broker.Topics.AddPartitions(name, count);
            }

            answer.String(name);
            answer.Error(error);
            answer.String(message);
            answer.Tags();
        }

        answer.Tags();
    }

    private static (ErrorCode Error, string? Message) Refuse(Topic? topic, int count) =>
        topic is null ? (ErrorCode.UnknownTopicOrPartition, null)
        : count == topic.Partitions.Length ? (ErrorCode.InvalidPartitions, $"Topic already has {count} partition(s).")
        : count < topic.Partitions.Length
            ? (ErrorCode.InvalidPartitions, $"The topic {topic.Name} currently has {topic.Partitions.Length} partition(s); {count} would not be an increase.")
        : count > MaxPartitions ? (ErrorCode.InvalidPartitions, $"A topic has at most {MaxPartitions} partitions.")
        : (ErrorCode.None, null);
}
