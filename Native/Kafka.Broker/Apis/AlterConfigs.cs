using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;

namespace Kafka.Broker.Apis;

/// <summary>AlterConfigs, key 33, versions 0 to 2: replaces all settings of a topic by the given ones.</summary>
internal sealed class AlterConfigs(Broker broker) : ImmediateApi(33, 0, 2, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        var reader = request.Read();
        var asked = new List<(sbyte Type, string Name, Dictionary<string, string?> Settings)>();
        for (var resources = reader.ArrayLength(); resources > 0; resources--)
        {
            var type = reader.Int8();
            var name = reader.String();
            var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var count = reader.ArrayLength(); count > 0; count--)
            {
                settings[reader.String()] = reader.NullableString();
                reader.Tags();
            }

            reader.Tags();
            asked.Add((type, name, settings));
        }

        var validateOnly = reader.Bool();
        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach (var (type, name, settings) in asked)
        {
            var (error, message) = Alter(broker, type, name, settings, validateOnly);
            WriteResult(answer, type, name, error, message);
        }

        answer.Tags();
    }

    /// <summary>Checks the settings and gives the topic these and no others.</summary>
    public static (ErrorCode Error, string? Message) Alter(
        Broker broker, sbyte type, string name, IReadOnlyDictionary<string, string?> settings, bool validateOnly)
    {
        if (type != DescribeConfigs.TopicResource)
        {
            return (ErrorCode.InvalidRequest, "Only the settings of topics can be altered; the broker's are given on its command line.");
        }

        if (broker.Topics.Find(name) is null)
        {
            return (ErrorCode.UnknownTopicOrPartition, null);
        }

        if (TopicSettings.Refuse(settings) is { } refused)
        {
            return (ErrorCode.InvalidConfig, refused);
        }

        return (validateOnly ? ErrorCode.None : broker.Topics.Configure(name, TopicSettings.Normalize(settings)), null);
    }

    public static void WriteResult(ResponseWriter answer, sbyte type, string name, ErrorCode error, string? message)
    {
        answer.Error(error);
        answer.String(message);
        answer.Int8(type);
        answer.String(name);
        answer.Tags();
    }
}
