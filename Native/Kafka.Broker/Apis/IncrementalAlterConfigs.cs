using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;

namespace Kafka.Broker.Apis;

/// <summary>
/// IncrementalAlterConfigs, key 44, versions 0 and 1: sets (0) or deletes (1) single settings of a topic, appends to (2) or subtracts
/// from (3) those that are lists.
/// </summary>
internal sealed class IncrementalAlterConfigs(Broker broker) : ImmediateApi(44, 0, 1, flexibleFrom: 1)
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    private readonly record struct Change(string Name, sbyte Operation, string? Value);

    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var asked = new List<(sbyte Type, string Name, List<Change> Changes)>();
        for (var resources = reader.ArrayLength(); resources > 0; resources--)
        {
            var type = reader.Int8();
            var name = reader.String();
            var changes = new List<Change>();
            for (var count = reader.ArrayLength(); count > 0; count--)
            {
                changes.Add(new Change(reader.String(), reader.Int8(), reader.NullableString()));
                reader.Tags();
            }

            reader.Tags();
            asked.Add((type, name, changes));
        }

        var validateOnly = reader.Bool();
        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach (var (type, name, changes) in asked)
        {
            var (error, message) = Alter(type, name, changes, validateOnly);
            AlterConfigs.WriteResult(answer, type, name, error, message);
        }

        answer.Tags();
    }

    private (ErrorCode Error, string? Message) Alter(sbyte type, string name, List<Change> changes, bool validateOnly)
    {
        var topic = type == DescribeConfigs.TopicResource ? broker.Topics.Find(name) : null;
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (setting, value) in topic?.Settings ?? new Dictionary<string, string>())
        {
            settings[setting] = value;
        }

        foreach (var change in changes)
        {
            switch (change.Operation)
            {
                case Set:
                    settings[change.Name] = change.Value;
                    break;
                case Delete:
                    settings.Remove(change.Name);
                    break;
                case Append or Subtract when TopicSettings.Find(change.Name) is { Type: SettingType.List } list:
                    var elements = Setting.ElementsOf(settings.GetValueOrDefault(change.Name) ?? TopicSettings.DefaultOf(list.Name, broker.Options));
                    var changed = Setting.ElementsOf(change.Value ?? "");
                    settings[change.Name] = string.Join(',', change.Operation == Append ? elements.Union(changed) : elements.Except(changed));
                    break;
                default:
                    return (ErrorCode.InvalidConfig, $"Can't append to or subtract from {change.Name}: it is no list.");
            }
        }

        return AlterConfigs.Alter(broker, type, name, settings, validateOnly);
    }
}
