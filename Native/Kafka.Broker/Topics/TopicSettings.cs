using System.Globalization;
using Kafka.Broker.Log;
using Kafka.Broker.Server;

namespace Kafka.Broker.Topics;

/// <summary>The topic settings that the broker honours, each with the broker property that is its default. Others are refused, not ignored.</summary>
internal static class TopicSettings
{
    public static readonly (string Name, string? BrokerProperty, BrokerProperty Rule)[] All =
    [
        ("cleanup.policy", null, new("cleanup.policy", "delete", Words: ["delete"])),
        ("max.message.bytes", "message.max.bytes", new("max.message.bytes", "", 0, int.MaxValue)),
        ("message.timestamp.type", "log.message.timestamp.type", new("message.timestamp.type", "", Words: ["CreateTime", "LogAppendTime"])),
        ("retention.bytes", "log.retention.bytes", new("retention.bytes", "", -1)),
        ("retention.ms", "log.retention.ms", new("retention.ms", "", -1)),
        ("segment.bytes", "log.segment.bytes", new("segment.bytes", "", 14, int.MaxValue)),
        ("segment.ms", "log.roll.ms", new("segment.ms", "", 1)),
    ];

    /// <summary>Null if the setting may be made, else why not.</summary>
    public static string? Refuse(string name, string? value)
    {
        (string Name, string?, BrokerProperty Rule) setting = Array.Find(All, s => s.Name == name);
        return setting.Name is null
            ? $"This broker has no topic setting {name}; it has {string.Join(", ", All.Select(s => s.Name))}."
            : value is null || !setting.Rule.Accepts(value) ? $"Invalid value {value} for configuration {name}" : null;
    }

    public static string DefaultOf(string name, BrokerOptions options)
    {
        (_, string? brokerProperty, BrokerProperty rule) = Array.Find(All, s => s.Name == name);
        return brokerProperty is null ? rule.Default : options.Value(brokerProperty);
    }

    public static LogConfig Apply(IReadOnlyDictionary<string, string> settings, LogConfig defaults)
    {
        long Number(string name, long otherwise) => settings.TryGetValue(name, out string? value) ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;

        return new LogConfig
        {
            RetentionMs = Number("retention.ms", defaults.RetentionMs),
            RetentionBytes = Number("retention.bytes", defaults.RetentionBytes),
            SegmentBytes = (int)Number("segment.bytes", defaults.SegmentBytes),
            SegmentMs = Number("segment.ms", defaults.SegmentMs),
            MaxMessageBytes = (int)Number("max.message.bytes", defaults.MaxMessageBytes),
            LogAppendTime = settings.TryGetValue("message.timestamp.type", out string? type) ? type == "LogAppendTime" : defaults.LogAppendTime,
        };
    }
}
