using System.Globalization;
using System.Net;

namespace Kafka.Broker.Settings;

/// <summary>What the broker is started with, checked. Every property can be set by `--set name=value`; the frequent ones have an option of their own.</summary>
internal sealed class BrokerOptions
{
    public static readonly Setting[] Properties =
    [
        Setting.Number("node.id", "1", 0, int.MaxValue),
        Setting.Number("num.partitions", "4", 1, 10_000),
        Setting.Word("auto.create.topics.enable", "true", "true", "false"),
        Setting.Number("message.max.bytes", "1048588", 1, int.MaxValue),
        Setting.Number("log.retention.ms", "604800000", -1),
        Setting.Number("log.retention.bytes", "-1", -1),
        Setting.Number("log.segment.bytes", "1073741824", 14, int.MaxValue),
        Setting.Number("log.roll.ms", "604800000", 1),
        Setting.Word("log.message.timestamp.type", "CreateTime", "CreateTime", "LogAppendTime"),
        Setting.Number("log.flush.interval.ms", "10000", 1, int.MaxValue),
        Setting.Number("log.retention.check.interval.ms", "300000", 1, int.MaxValue),
        Setting.Number("producer.id.expiration.ms", "86400000", 1),
        Setting.Number("socket.request.max.bytes", "104857600", 1024, int.MaxValue),
        Setting.Number("queued.max.request.bytes", "536870912", 1024),
        Setting.Number("max.connections", "2000", 1, int.MaxValue),
        Setting.Number("connections.max.idle.ms", "600000", 1, int.MaxValue),
        Setting.Number("group.initial.rebalance.delay.ms", "0", 0, int.MaxValue),
        Setting.Number("group.min.session.timeout.ms", "6000", 1, int.MaxValue),
        Setting.Number("group.max.session.timeout.ms", "1800000", 1, int.MaxValue),
        Setting.Number("group.max.size", "2147483647", 1, int.MaxValue),
        Setting.Number("offset.metadata.max.bytes", "4096", 0, int.MaxValue),
        Setting.Number("offsets.retention.minutes", "10080", 1, int.MaxValue),
        Setting.List("zookeeper.connect", "", IsHost, "HOST:PORT, the last with /PATH if all is to be below it"),
        Setting.Number("zookeeper.session.timeout.ms", "18000", 1, int.MaxValue),
    ];

    private readonly IReadOnlyDictionary<string, string> _set;

    /// <param name="set">Properties by their names in Kafka, with the values that are not the default.</param>
    /// <exception cref="ArgumentException">One is unknown or wrong; the message is the sentence to print.</exception>
    public BrokerOptions(IReadOnlyDictionary<string, string> set)
    {
        foreach (var (name, value) in set)
        {
            var property = Array.Find(Properties, p => p.Name == name)
                ?? throw new ArgumentException($"The broker has no property '{name}'; it has {string.Join(", ", Properties.Select(p => p.Name))}.");
            if (property.Refuse(value) is { } reason)
            {
                throw new ArgumentException($"{name} can't be '{value}': {reason}.");
            }
        }

        _set = set;
        if (Number("queued.max.request.bytes") < 4 * Number("socket.request.max.bytes"))
        {
            // A buffer grows by doubling, and both are there while the one is copied into the other.
            throw new ArgumentException("queued.max.request.bytes can't be less than four times socket.request.max.bytes, or a large request would never fit.");
        }
    }

    public required string DataFolder { get; init; }

    public required IPEndPoint Listen { get; init; }

    /// <summary>The host that clients are told to come back to; the address listened on, if null.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>0: the port listened on.</summary>
    public int AdvertisedPort { get; init; }

    public int NodeId => (int)Number("node.id");

    public string Value(string property) => _set.GetValueOrDefault(property) ?? Array.Find(Properties, p => p.Name == property)!.Default;

    public bool IsSet(string property) => _set.ContainsKey(property);

    public long Number(string property) => long.Parse(Value(property), CultureInfo.InvariantCulture);

    public TimeSpan Time(string property) => TimeSpan.FromMilliseconds(Number(property));

    private static bool IsHost(string element)
    {
        var address = element.Split('/', 2)[0];
        var colon = address.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
    }
}
