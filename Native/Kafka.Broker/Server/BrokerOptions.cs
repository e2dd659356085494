using System.Globalization;
using System.Net;
using Kafka.Broker.Log;

namespace Kafka.Broker.Server;

/// <summary>One property of the broker under Kafka's name, with its default and the values it may take.</summary>
internal sealed record BrokerProperty(string Name, string Default, long Min = long.MinValue, long Max = long.MaxValue, string[]? Words = null)
{
    public bool IsNumber => Words is null;

    public bool Accepts(string value) => Words is null
        ? long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= Min && number <= Max
        : Words.Contains(value);
}

/// <summary>The command line, checked. Every property can be set by `--set name=value`; the frequent ones have an option of their own.</summary>
internal sealed class BrokerOptions
{
    public const string Usage =
        "usage: Kafka.Broker --data DIR [--listen 127.0.0.1:9092] [--advertise HOST:PORT] [--partitions 4] [--auto-create true] [--message-max-bytes 1048588] [--set name=value]...";

    public static readonly BrokerProperty[] Properties =
    [
        new("node.id", "1", 0, int.MaxValue),
        new("num.partitions", "4", 1, 10_000),
        new("auto.create.topics.enable", "true", Words: ["true", "false"]),
        new("message.max.bytes", "1048588", 1, int.MaxValue),
        new("log.retention.ms", "604800000", -1),
        new("log.retention.bytes", "-1", -1),
        new("log.segment.bytes", "1073741824", 14, int.MaxValue),
        new("log.roll.ms", "604800000", 1),
        new("log.message.timestamp.type", "CreateTime", Words: ["CreateTime", "LogAppendTime"]),
        new("log.flush.interval.ms", "10000", 1, int.MaxValue),
        new("log.retention.check.interval.ms", "300000", 1, int.MaxValue),
        new("producer.id.expiration.ms", "86400000", 1),
        new("socket.request.max.bytes", "104857600", 1024, int.MaxValue),
        new("max.connections", "2000", 1, int.MaxValue),
        new("connections.max.idle.ms", "600000", 1, int.MaxValue),
        new("group.initial.rebalance.delay.ms", "0", 0, int.MaxValue),
        new("group.min.session.timeout.ms", "6000", 1, int.MaxValue),
        new("group.max.session.timeout.ms", "1800000", 1, int.MaxValue),
        new("group.max.size", "2147483647", 1, int.MaxValue),
        new("offset.metadata.max.bytes", "4096", 0, int.MaxValue),
        new("offsets.retention.minutes", "10080", 1, int.MaxValue),
    ];

    private readonly Dictionary<string, string> _set = new(StringComparer.Ordinal);

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

    /// <summary>What a topic is configured with before it has settings of its own.</summary>
    public LogConfig LogDefaults => new()
    {
        RetentionMs = Number("log.retention.ms"),
        RetentionBytes = Number("log.retention.bytes"),
        SegmentBytes = (int)Number("log.segment.bytes"),
        SegmentMs = Number("log.roll.ms"),
        MaxMessageBytes = (int)Number("message.max.bytes"),
        LogAppendTime = Value("log.message.timestamp.type") == "LogAppendTime",
    };

    /// <exception cref="ArgumentException">The command line is wrong; the message is the sentence to print.</exception>
    public static BrokerOptions Parse(string[] args)
    {
        string? data = null;
        IPEndPoint listen = new(IPAddress.Loopback, 9092);
        (string? Host, int Port) advertise = default;
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < args.Length; i += 2)
        {
            string option = args[i];
            string value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{option} needs a value; {Usage}");
            switch (option)
            {
                case "--data":
                    data = Path.GetFullPath(value);
                    break;
                case "--listen":
                    listen = ParseListen(value);
                    break;
                case "--advertise":
                    advertise = ParseHostAndPort(value) ?? throw new ArgumentException($"--advertise '{value}' is not HOST:PORT.");
                    break;
                case "--partitions":
                    set["num.partitions"] = value;
                    break;
                case "--auto-create":
                    set["auto.create.topics.enable"] = value;
                    break;
                case "--message-max-bytes":
                    set["message.max.bytes"] = value;
                    break;
                case "--set" when value.IndexOf('=') is > 0 and int equals:
                    set[value[..equals]] = value[(equals + 1)..];
                    break;
                default:
                    throw new ArgumentException($"{option} {value} is not understood; {Usage}");
            }
        }

        foreach ((string name, string value) in set)
        {
            BrokerProperty property = Array.Find(Properties, p => p.Name == name)
                ?? throw new ArgumentException($"The broker has no property '{name}'; it has {string.Join(", ", Properties.Select(p => p.Name))}.");
            if (!property.Accepts(value))
            {
                throw new ArgumentException($"{name} can't be '{value}'; give {(property.Words is { } words ? string.Join(" or ", words) : $"a number from {property.Min} to {property.Max}")}.");
            }
        }

        var options = new BrokerOptions
        {
            DataFolder = data ?? throw new ArgumentException($"--data is missing, the folder to keep topics in; {Usage}"),
            Listen = listen,
            AdvertisedHost = advertise.Host,
            AdvertisedPort = advertise.Port,
        };
        foreach ((string name, string value) in set)
        {
            options._set.Add(name, value);
        }

        return options;
    }

    private static IPEndPoint ParseListen(string value)
    {
        (string host, int port) = ParseHostAndPort(value) ?? throw new ArgumentException($"--listen '{value}' is not HOST:PORT.");
        if (!IPAddress.TryParse(host, out IPAddress? address))
        {
            address = host == "localhost"
                ? IPAddress.Loopback
                : throw new ArgumentException($"--listen '{value}' needs an IP address of this machine, such as 127.0.0.1 or 0.0.0.0.");
        }

        return new IPEndPoint(address, port);
    }

    private static (string Host, int Port)? ParseHostAndPort(string value)
    {
        int colon = value.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? (value[..colon].Trim('[', ']'), port)
            : null;
    }
}
