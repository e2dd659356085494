using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// CreateTopics, key 19, versions 2 to 7. -1 partitions means num.partitions; one replica is all there can be. Settings that
/// Kafka does not have for topics, or not with that value, are refused with INVALID_CONFIG.
/// </summary>
internal sealed class CreateTopics(Broker broker) : ImmediateApi(19, 2, 7, flexibleFrom: 5)
{
    private const int MaxPartitions = 10_000;

    private sealed record Asked(string Name, int Partitions, short Replicas, int[][] Assignments, Dictionary<string, string?> Settings);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var asked = new List<Asked>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            asked.Add(ParseTopic(ref reader));
        }

        reader.Int32(); // timeout: done at once
        var validateOnly = reader.Bool();

        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach (var one in asked)
        {
            var (error, message, topic) = Refuse(one) is { Error: not ErrorCode.None } refused
                ? (refused.Error, refused.Message, null)
                : broker.Topics.Create(one.Name, PartitionsOf(one), TopicSettings.Normalize(one.Settings), validateOnly);
            Write(request.Version, answer, one.Name, error, message, topic);
        }

        answer.Tags();
    }

    private static Asked ParseTopic(ref RequestReader reader)
    {
        var name = reader.String();
        var partitions = reader.Int32();
        var replicas = reader.Int16();
        var assignments = new List<int[]>();
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            reader.Int32(); // partition index
            var brokers = new int[Math.Max(0, reader.ArrayLength())];
            for (var i = 0; i < brokers.Length; i++)
            {
                brokers[i] = reader.Int32();
            }

            assignments.Add(brokers);
            reader.Tags();
        }

        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var count = reader.ArrayLength(); count > 0; count--)
        {
            settings[reader.String()] = reader.NullableString();
            reader.Tags();
        }

        reader.Tags();
        return new Asked(name, partitions, replicas, [.. assignments], settings);
    }

    private int PartitionsOf(Asked asked) =>
        asked.Assignments.Length > 0 ? asked.Assignments.Length : asked.Partitions == -1 ? (int)broker.Options.Number("num.partitions") : asked.Partitions;

    private (ErrorCode Error, string? Message) Refuse(Asked asked)
    {
        if (asked.Assignments.Any(a => a.Length != 1 || a[0] != broker.NodeId))
        {
            return (ErrorCode.InvalidReplicaAssignment, $"Every partition can only be assigned to the one broker, {broker.NodeId}.");
        }

        if (asked.Assignments.Length == 0 && asked.Replicas is not (-1 or 1))
        {
            return (ErrorCode.InvalidReplicationFactor, $"Unable to replicate the partition {asked.Replicas} time(s): this broker is the only one.");
        }

        return PartitionsOf(asked) is < 1 or > MaxPartitions
                ? (ErrorCode.InvalidPartitions, $"Number of partitions was set to an invalid value, give 1 to {MaxPartitions}.")
            : TopicSettings.Refuse(asked.Settings) is { } refused ? (ErrorCode.InvalidConfig, refused)
            : (ErrorCode.None, null);
    }

    private void Write(short version, ResponseWriter answer, string name, ErrorCode error, string? message, Topic? topic)
    {
        answer.String(name);
        if (version >= 7)
        {
            answer.Uuid(topic?.Id ?? Guid.Empty);
        }

        answer.Error(error);
        answer.String(message);
        if (version >= 5)
        {
            answer.Int32(topic?.Partitions.Length ?? -1);
            answer.Int16(topic is null ? -1 : 1);
            string[] settings = topic is null ? [] : [.. TopicSettings.All.Select(s => s.Name)];
            answer.Array(settings.Length);
            foreach (var setting in settings)
            {
                answer.String(setting);
                answer.String(topic!.Settings.GetValueOrDefault(setting) ?? TopicSettings.DefaultOf(setting, broker.Options));
                answer.Bool(false); // read only
                answer.Int8(DescribeConfigs.SourceOf(topic, setting, broker.Options));
                answer.Bool(false); // sensitive
                answer.Tags();
            }
        }

        answer.Tags();
    }
}
