using System.Globalization;
using System.Net;
using ZooKeeper.Clients;
using ZooKeeper.Operations;
using ZooKeeper.Settings;
using ZooKeeper.Storage;

namespace ZooKeeper.Server;

/// <summary>What four-letter words and the admin page tell of the server, under ZooKeeper's names.</summary>
internal sealed class Report(ZooKeeperOptions options, IPEndPoint address, Database database, Listener listener, DataFolder folder)
{
    private readonly DateTimeOffset _started = options.Time.GetUtcNow();

    /// <summary>The protocol's version first, which clients read, then who speaks it.</summary>
    public const string Version = "3.9.0-Native.ZooKeeper (C#, one node)";

    public Statistics Statistics => database.Statistics;

    public int Connections => listener.Count;

    public IEnumerable<Client> Clients => listener.Clients;

    public string LastZxid => Hex(database.LastZxid);

    public int NodeCount => database.Tree.Count;

    public static string Hex(long number) => string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");

    public IEnumerable<(string Name, object Value)> Configuration()
    {
        yield return ("clientPort", address.Port);
        yield return ("secureClientPort", -1);
        yield return ("dataDir", folder.Files);
        yield return ("dataDirSize", SizeOf("snapshot.*"));
        yield return ("dataLogDir", folder.Files);
        yield return ("dataLogSize", SizeOf("log.*"));
        yield return ("tickTime", options.Number("tickTime"));
        yield return ("maxClientCnxns", options.Number("maxClientCnxns"));
        yield return ("minSessionTimeout", options.MinSessionTimeoutMs);
        yield return ("maxSessionTimeout", options.MaxSessionTimeoutMs);
        yield return ("clientPortListenBacklog", 512);
        yield return ("serverId", 0);
    }

    public IEnumerable<(string Name, object Value)> Monitor()
    {
        lock (database.Gate)
        {
            var tree = database.Tree;
            return
            [
                ("version", Version),
                ("server_state", "standalone"),
                ("avg_latency", Statistics.AverageMs),
                ("max_latency", Statistics.MaxMs),
                ("min_latency", Statistics.MinMs),
                ("packets_received", Statistics.Received),
                ("packets_sent", Statistics.Sent),
                ("num_alive_connections", Connections),
                ("outstanding_requests", Statistics.Outstanding),
                ("uptime", (long)(options.Time.GetUtcNow() - _started).TotalMilliseconds),
                ("znode_count", tree.Count),
                ("watch_count", tree.DataWatches.Count + tree.ChildWatches.Count),
                ("ephemerals_count", tree.Ephemerals.Values.Sum(nodes => nodes.Count)),
                ("approximate_data_size", tree.Size),
                ("global_sessions", database.Sessions.Count),
                ("local_sessions", 0),
                ("last_zxid", database.LastZxid),
            ];
        }
    }

    public static IEnumerable<(string Name, object Value)> Environment() =>
    [
        ("zookeeper.version", Version),
        ("host.name", Dns.GetHostName()),
        ("os.name", System.Runtime.InteropServices.RuntimeInformation.OSDescription),
        ("os.arch", System.Runtime.InteropServices.RuntimeInformation.OSArchitecture),
        ("dotnet.version", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription),
        ("user.dir", System.Environment.CurrentDirectory),
    ];

    /// <summary>Of snapshots and of logs, in bytes.</summary>
    public (long Data, long Log) Sizes() => (SizeOf("snapshot.*"), SizeOf("log.*"));

    public (int Watchers, int Paths, int Watches) WatchSummary()
    {
        lock (database.Gate)
        {
            var table = database.Tree.DataWatches;
            return (table.WatcherCount, table.PathCount, table.Count);
        }
    }

    /// <summary>As Apache's, of nodes and data only, not of children.</summary>
    public (string Path, long Session)[] Watches()
    {
        lock (database.Gate)
        {
            return [.. database.Tree.DataWatches.All.Select(watch => (watch.Path, watch.Watcher.SessionId))];
        }
    }

    /// <summary>Sessions with the milliseconds that they have left.</summary>
    public (long Id, long LeftMs)[] Sessions()
    {
        lock (database.Gate)
        {
            var now = database.Sessions.Now;
            return [.. database.Sessions.All.Select(session => (session.Id, session.ExpiresAt - now)).OrderBy(session => session.Item2)];
        }
    }

    public (long Session, string[] Paths)[] Ephemerals()
    {
        lock (database.Gate)
        {
            return [.. database.Tree.Ephemerals.Select(owned => (owned.Key, owned.Value.Select(node => node.Path()).ToArray()))];
        }
    }

    /// <summary>The digest of the tree, and the transaction that it is of.</summary>
    public (long Zxid, long Digest) Digest()
    {
        lock (database.Gate)
        {
            return (database.LastZxid, database.Tree.Digest);
        }
    }

    public void ResetConnections()
    {
        foreach (var client in Clients)
        {
            client.Statistics.Reset();
        }
    }

    private long SizeOf(string files) => new DirectoryInfo(folder.Files).GetFiles(files).Sum(file => file.Length);
}
