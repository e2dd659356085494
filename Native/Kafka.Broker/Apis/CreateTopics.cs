using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>
/// CreateTopics, key 19, versions 2 to 7. -1 partitions means num.partitions; one replica is all there can be. Settings that the
/// broker does not honour are refused with INVALID_CONFIG.
/// </summary>
internal sealed class CreateTopics(Server.Broker broker) : ImmediateApi(19, 2, 7, flexibleFrom: 5)
{
    private const int MaxPartitions = 10_000;

    private sealed record Asked(string Name, int Partitions, short Replicas, int[][] Assignments, Dictionary<string, string> Settings, string? BadSetting);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        var asked = new List<Asked>();
        for (int count = reader.ArrayLength(); count > 0; count--)
        {
            asked.Add(ParseTopic(ref reader));
        }

        reader.Int32(); // timeout: done at once
        bool validateOnly = reader.Bool();

        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach (Asked one in asked)
        {
            (ErrorCode error, string? message, Topic? topic) = Refuse(one) is { Error: not ErrorCode.None } refused
                ? (refused.Error, refused.Message, null)
                : broker.Topics.Create(one.Name, PartitionsOf(one), one.Settings, validateOnly);
            Write(request.Version, answer, one.Name, error, message, topic);
        }

        answer.Tags();
    }

    private static Asked ParseTopic(ref RequestReader reader)
    {
        string name = reader.String();
        int partitions = reader.Int32();
        short replicas = reader.Int16();
        var assignments = new List<int[]>();
        for (int count = reader.ArrayLength(); count > 0; count--)
        {
            reader.Int32(); // partition index
            int[] brokers = new int[Math.Max(0, reader.ArrayLength())];
            for (int i = 0; i < brokers.Length; i++)
            {
                brokers[i] = reader.Int32();
            }

            assignments.Add(brokers);
            reader.Tags();
        }

        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        string? bad = null;
        for (int count = reader.ArrayLength(); count > 0; count--)
        {
            string setting = reader.String();
            string? value = reader.NullableString();
            reader.Tags();
            bad ??= TopicSettings.Refuse(setting, value);
            settings[setting] = value ?? "";
        }

        reader.Tags();
        return new Asked(name, partitions, replicas, [.. assignments], settings, bad);
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

        return PartitionsOf(asked) is < 1 or > MaxPartitions ? (ErrorCode.InvalidPartitions, $"Number of partitions was set to an invalid value, give 1 to {MaxPartitions}.")
            : asked.BadSetting is { } bad ? (ErrorCode.InvalidConfig, bad)
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
            answer.Array(topic is null ? 0 : TopicSettings.All.Length);
            foreach ((string setting, _, _) in topic is null ? [] : TopicSettings.All)
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
