using System.Globalization;
using System.Text.RegularExpressions;
using Kafka.Broker.Log;

namespace Kafka.Broker.Settings;

/// <summary>
/// All settings that a topic of Apache Kafka 4.3 can have, each with the broker property that is its default. What this broker does
/// not act on is checked, kept and described all the same, so that the topics of Connect, Streams and schema registries can be made;
/// the README lists those.
/// </summary>
internal static partial class TopicSettings
{
    private static readonly (Setting Rule, string? BrokerProperty)[] Known =
    [
        (Setting.List("cleanup.policy", "delete", e => e is "compact" or "delete", "compact, delete"), null),
        (Setting.Level("compression.gzip.level", "-1", 1, 9, otherwise: -1), null),
        (Setting.Number("compression.lz4.level", "9", 1, 17), null),
        (Setting.Word("compression.type", "producer", "uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"), null),
        (Setting.Number("compression.zstd.level", "3", -131_072, 22), null),
        (Setting.Number("delete.retention.ms", "86400000", 0), null),
        (Setting.Number("file.delete.delay.ms", "60000", 0), null),
        (Setting.Number("flush.messages", "9223372036854775807", 1), null),
        (Setting.Number("flush.ms", "9223372036854775807", 0), null),
        (Setting.List("follower.replication.throttled.replicas", "", IsReplica, "*, or partition:broker"), null),
        (Setting.Number("index.interval.bytes", "4096", 0, int.MaxValue), null),
        (Setting.List("leader.replication.throttled.replicas", "", IsReplica, "*, or partition:broker"), null),
        (Setting.Number("local.retention.bytes", "-2", -2), null),
        (Setting.Number("local.retention.ms", "-2", -2), null),
        (Setting.Number("max.compaction.lag.ms", "9223372036854775807", 1), null),
        (Setting.Number("max.message.bytes", "", 0, int.MaxValue), "message.max.bytes"),
        (Setting.Number("message.timestamp.after.max.ms", "3600000", 0), null),
        (Setting.Number("message.timestamp.before.max.ms", "9223372036854775807", 0), null),
        (Setting.Word("message.timestamp.type", "", "CreateTime", "LogAppendTime"), "log.message.timestamp.type"),
        (Setting.Ratio("min.cleanable.dirty.ratio", "0.5"), null),
        (Setting.Number("min.compaction.lag.ms", "0", 0), null),
        (Setting.Number("min.insync.replicas", "1", 1, int.MaxValue), null),
        (Setting.Flag("preallocate", "false"), null),
        (Setting.Flag("remote.log.copy.disable", "false"), null),
        (Setting.Flag("remote.log.delete.on.disable", "false"), null),
        (Setting.Word("remote.storage.enable", "false", "false"), null), // there is no tiered storage
        (Setting.Number("retention.bytes", ""), "log.retention.bytes"),
        (Setting.Number("retention.ms", "", -1), "log.retention.ms"),
        (Setting.Number("segment.bytes", "", 14, int.MaxValue), "log.segment.bytes"),
        (Setting.Number("segment.index.bytes", "10485760", 4, int.MaxValue), null),
        (Setting.Number("segment.jitter.ms", "0", 0), null),
        (Setting.Number("segment.ms", "", 1), "log.roll.ms"),
        (Setting.Flag("unclean.leader.election.enable", "false"), null),
    ];

    public static IEnumerable<Setting> All => Known.Select(s => s.Rule);

    public static Setting? Find(string name) => Array.Find(Known, s => s.Rule.Name == name).Rule;

    /// <summary>Null if a topic may have these settings, else the sentence why not; those are Kafka's.</summary>
    public static string? Refuse(IReadOnlyDictionary<string, string?> settings)
    {
        foreach (var (name, value) in settings)
        {
            var reason = Find(name) is not { } rule ? $"Unknown topic config name: {name}"
                : value is null ? $"Null value not supported for topic configs: {name}"
                : rule.Refuse(value) is { } refused ? $"Invalid value {value} for configuration {name}: {refused}."
                : null;
            if (reason is not null)
            {
                return reason;
            }
        }

        var least = long.Parse(settings.GetValueOrDefault("min.compaction.lag.ms") ?? "0", CultureInfo.InvariantCulture);
        var most = long.Parse(settings.GetValueOrDefault("max.compaction.lag.ms") ?? $"{long.MaxValue}", CultureInfo.InvariantCulture);
        return least > most ? $"conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})" : null;
    }

    /// <summary>Settings that are not refused, in the form in which they are kept.</summary>
    public static Dictionary<string, string> Normalize(IReadOnlyDictionary<string, string?> settings) =>
        settings.ToDictionary(s => s.Key, s => Find(s.Key)!.Normalize(s.Value!));

    public static string DefaultOf(string name, BrokerOptions options)
    {
        var (rule, brokerProperty) = Array.Find(Known, s => s.Rule.Name == name);
        return brokerProperty is null ? rule.Default : options.Value(brokerProperty);
    }

    public static bool IsDefaultSet(string name, BrokerOptions options) =>
        Array.Find(Known, s => s.Rule.Name == name).BrokerProperty is { } property && options.IsSet(property);

    public static LogConfig Apply(IReadOnlyDictionary<string, string> settings, BrokerOptions options)
    {
        string Value(string name) => settings.GetValueOrDefault(name) ?? DefaultOf(name, options);
        long Number(string name) => long.Parse(Value(name), CultureInfo.InvariantCulture);

        var policy = Setting.ElementsOf(Value("cleanup.policy"));
        return new LogConfig
        {
            RetentionMs = Number("retention.ms"),
            RetentionBytes = Number("retention.bytes"),
            SegmentBytes = (int)Number("segment.bytes"),
            SegmentMs = Number("segment.ms"),
            MaxMessageBytes = (int)Number("max.message.bytes"),
            LogAppendTime = Value("message.timestamp.type") == "LogAppendTime",
            IsDeleted = policy.Contains("delete"),
            IsCompacted = policy.Contains("compact"),
            TimestampBeforeMaxMs = Number("message.timestamp.before.max.ms"),
            TimestampAfterMaxMs = Number("message.timestamp.after.max.ms"),
            FlushMessages = Number("flush.messages"),
        };
    }

    private static bool IsReplica(string element) => element == "*" || Replica().IsMatch(element);

    [GeneratedRegex("^[0-9]+:[0-9]+$")]
    private static partial Regex Replica();
}
