using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>IncrementalAlterConfigs, key 44, versions 0 and 1: sets (0) or deletes (1) single settings of a topic; none is a list to append to (2) or subtract from (3).</summary>
internal sealed class IncrementalAlterConfigs(Server.Broker broker) : ImmediateApi(44, 0, 1, flexibleFrom: 1)
{
    private readonly record struct Change(string Name, sbyte Operation, string? Value);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        var asked = new List<(sbyte Type, string Name, List<Change> Changes)>();
        for (int resources = reader.ArrayLength(); resources > 0; resources--)
        {
            sbyte type = reader.Int8();
            string name = reader.String();
            var changes = new List<Change>();
            for (int count = reader.ArrayLength(); count > 0; count--)
            {
                changes.Add(new Change(reader.String(), reader.Int8(), reader.NullableString()));
                reader.Tags();
            }

            reader.Tags();
            asked.Add((type, name, changes));
        }

        bool validateOnly = reader.Bool();
        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach ((sbyte type, string name, List<Change> changes) in asked)
        {
            (ErrorCode error, string? message) = Alter(type, name, changes, validateOnly);
            AlterConfigs.WriteResult(answer, type, name, error, message);
        }

        answer.Tags();
    }

    private (ErrorCode Error, string? Message) Alter(sbyte type, string name, List<Change> changes, bool validateOnly)
    {
        Topic? topic = type == DescribeConfigs.TopicResource ? broker.Topics.Find(name) : null;
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach ((string setting, string value) in topic?.Settings ?? new Dictionary<string, string>())
        {
            settings[setting] = value;
        }

        foreach (Change change in changes)
        {
            switch (change.Operation)
            {
                case 0:
                    settings[change.Name] = change.Value;
                    break;
                case 1:
                    settings.Remove(change.Name);
                    break;
                default:
                    return (ErrorCode.InvalidConfig, $"Can't append to or subtract from {change.Name}: it is no list that this broker keeps.");
            }
        }

        return AlterConfigs.Alter(broker, type, name, settings, validateOnly);
    }
}
