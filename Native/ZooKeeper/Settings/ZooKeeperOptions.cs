using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ZooKeeper.Settings;

/// <summary>What the server is started with, checked.</summary>
public sealed class ZooKeeperOptions
{
    /// <summary>A quarter of the memory that the process may have.</summary>
    private static readonly long MemoryForNodes = Math.Max(64L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    internal static readonly Setting[] Properties =
    [
        Setting.Number("tickTime", "2000", 1),
        Setting.Number("minSessionTimeout", "-1", -1),
        Setting.Number("maxSessionTimeout", "-1", -1),
        Setting.Number("maxClientCnxns", "60", 0),
        Setting.Number("maxCnxns", "10000", 0),
        Setting.Number("globalOutstandingLimit", "1000", 1),
        Setting.Number("jute.maxbuffer", "1048575", 1024, 256 * 1024 * 1024),
        Setting.Number("largeRequestMaxBytes", "134217728", 1024, long.MaxValue),
        Setting.Number("maxUnsentBytes", "16777216", 1024),
        Setting.Number("maxWatches", "1000000", 1),
        Setting.Number("maxDataBytes", MemoryForNodes.ToString(CultureInfo.InvariantCulture), 1, long.MaxValue),
        Setting.Number("snapCount", "100000", 2),
        Setting.Number("snapSizeLimitInKb", "1048576", 1, long.MaxValue / 1024),
        Setting.Number("preAllocSize", "4096", 0),
        Setting.Number("autopurge.snapRetainCount", "3", 1),
        Setting.Number("fsync.warningthresholdms", "1000", 0),
        Setting.Number("slowRequestMs", "1000", 0),
        Setting.Number("znode.container.checkIntervalMs", "60000", 1),
        Setting.Number("znode.container.maxNeverUsedIntervalMs", "300000", 0),
        Setting.Flag("enforceQuota", "false"),
        Setting.Flag("extendedTypesEnabled", "true"),
        Setting.Text("4lw.commands.whitelist", "srvr"),
        Setting.Text("DigestAuthenticationProvider.superDigest", ""),
    ];

    private readonly IReadOnlyDictionary<string, string> _set;

    /// <summary>Checks settings.</summary>
    /// <param name="settings">Settings by ZooKeeper's names, such as <c>tickTime</c>, that are not to have their default.</param>
    /// <exception cref="ArgumentException">One is unknown or wrong; the message is a sentence for the user.</exception>
    public ZooKeeperOptions(IReadOnlyDictionary<string, string>? settings = null)
    {
        _set = settings ?? new Dictionary<string, string>();
        foreach (var (name, value) in _set)
        {
            var property = Array.Find(Properties, p => p.Name == name)
                ?? throw new ArgumentException($"The server has no setting '{name}'; it has {string.Join(", ", Properties.Select(p => p.Name))}.");
            if (property.Refuse(value) is { } reason)
            {
                throw new ArgumentException($"{name} can't be '{value}': {reason}.");
            }
        }

        var tick = Number("tickTime");
        MinSessionTimeoutMs = (int)(Number("minSessionTimeout") is var min and > 0 ? min : Math.Min(2 * tick, int.MaxValue));
        MaxSessionTimeoutMs = (int)(Number("maxSessionTimeout") is var max and > 0 ? max : Math.Min(20 * tick, int.MaxValue));
        if (MinSessionTimeoutMs > MaxSessionTimeoutMs)
        {
            throw new ArgumentException($"minSessionTimeout ({MinSessionTimeoutMs} ms) can't be more than maxSessionTimeout ({MaxSessionTimeoutMs} ms).");
        }
    }

    /// <summary>The folder of the data; made where there is none.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where clients connect; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 2181);

    /// <summary>Where the admin page is served over HTTP; nowhere if null.</summary>
    public IPEndPoint? Admin { get; init; }

    /// <summary>Where the server logs to.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The clock of transactions and sessions.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal Files.Disk Disk { get; init; } = new();

    /// <summary>The shortest time-out that a session gets, whatever it asks for.</summary>
    internal int MinSessionTimeoutMs { get; }

    internal int MaxSessionTimeoutMs { get; }

    internal string Value(string property) => _set.GetValueOrDefault(property) ?? Array.Find(Properties, p => p.Name == property)!.Default;

    internal long Number(string property) => long.Parse(Value(property), CultureInfo.InvariantCulture);

    internal bool Flag(string property) => bool.Parse(Value(property));

    internal TimeSpan Duration(string property) => TimeSpan.FromMilliseconds(Number(property));
}
