using Kafka.Broker.Protocol;
using Kafka.Broker.Topics;

namespace Kafka.Broker.Apis;

/// <summary>AlterConfigs, key 33, versions 0 to 2: replaces all settings of a topic by the given ones.</summary>
internal sealed class AlterConfigs(Server.Broker broker) : ImmediateApi(33, 0, 2, flexibleFrom: 2)
{
    protected override void Answer(Request request, ResponseWriter answer)
    {
        RequestReader reader = request.Read();
        var asked = new List<(sbyte Type, string Name, Dictionary<string, string?> Settings)>();
        for (int resources = reader.ArrayLength(); resources > 0; resources--)
        {
            sbyte type = reader.Int8();
            string name = reader.String();
            var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (int count = reader.ArrayLength(); count > 0; count--)
            {
                settings[reader.String()] = reader.NullableString();
                reader.Tags();
            }

            reader.Tags();
            asked.Add((type, name, settings));
        }

        bool validateOnly = reader.Bool();
        answer.Int32(0); // throttle time
        answer.Array(asked.Count);
        foreach ((sbyte type, string name, Dictionary<string, string?> settings) in asked)
        {
            (ErrorCode error, string? message) = Alter(broker, type, name, settings, validateOnly);
            WriteResult(answer, type, name, error, message);
        }

        answer.Tags();
    }

    /// <summary>Checks the settings and gives the topic these and no others.</summary>
    public static (ErrorCode Error, string? Message) Alter(
        Server.Broker broker, sbyte type, string name, IReadOnlyDictionary<string, string?> settings, bool validateOnly)
    {
        if (type != DescribeConfigs.TopicResource)
        {
            return (ErrorCode.InvalidRequest, "Only the settings of topics can be altered; the broker's are given on its command line.");
        }

        if (broker.Topics.Find(name) is null)
        {
            return (ErrorCode.UnknownTopicOrPartition, null);
        }

        foreach ((string setting, string? value) in settings)
        {
            if (TopicSettings.Refuse(setting, value) is { } refused)
            {
                return (ErrorCode.InvalidConfig, refused);
            }
        }

        if (!validateOnly)
        {
            broker.Topics.Configure(name, settings.ToDictionary(s => s.Key, s => s.Value!));
        }

        return (ErrorCode.None, null);
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
