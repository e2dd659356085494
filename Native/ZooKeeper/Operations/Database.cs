using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Settings;
using ZooKeeper.Storage;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// The tree, the sessions and their log together. One request at a time works on it, under its lock, so that all see the same order. A
/// change is seen in memory at once, but nothing that shows it leaves the server before the log has it on the disk.
/// </summary>
internal sealed partial class Database
{
    private readonly TransactionLog _log;
    private readonly Action<OpCode> _onChange;

    /// <param name="options">The settings.</param>
    /// <param name="recovered">What the data folder had.</param>
    /// <param name="sessionKey">The secret of the sessions' passwords.</param>
    /// <param name="log">The transaction log.</param>
    /// <param name="gate">Who waits for it.</param>
    /// <param name="onChange">Told of each transaction.</param>
    public Database(ZooKeeperOptions options, Recovered recovered, byte[] sessionKey, TransactionLog log, DurabilityGate gate, Action<OpCode> onChange)
    {
        (Options, _log, Durability, _onChange) = (options, log, gate, onChange);
        (Tree, LastZxid) = (recovered.Tree, recovered.LastZxid);
        Sessions = new(recovered.Sessions, sessionKey, (int)options.Number("tickTime"), options.Time);
        MostData = options.Number("maxDataBytes");
        MostWatches = options.Number("maxWatches");
        EnforcesQuota = options.Flag("enforceQuota");
        HasTtl = options.Flag("extendedTypesEnabled");
        SuperDigest = options.Value("DigestAuthenticationProvider.superDigest");
    }

    public Lock Gate { get; } = new();

    public ZooKeeperOptions Options { get; }

    public DataTree Tree { get; }

    public Sessions Sessions { get; }

    public DurabilityGate Durability { get; }

    public Statistics Statistics { get; } = new();

    /// <summary>The last transaction, which may not be on the disk yet.</summary>
    public long LastZxid { get; private set; }

    /// <summary>Transactions and bytes of the log since the last snapshot.</summary>
    public (long Count, long Bytes) SinceSnapshot { get; set; }

    public long MostData { get; }

    public long MostWatches { get; }

    public bool EnforcesQuota { get; }

    /// <summary>Whether nodes may have a time to live.</summary>
    public bool HasTtl { get; }

    /// <summary>Empty where nobody is the super user.</summary>
    public string SuperDigest { get; }

    /// <summary>Where answers are put together, under the lock.</summary>
    public JuteWriter Answer { get; } = new(4096);

    /// <summary>Makes a change: gives it the next zxid, applies it and hands it to the log. Under the lock.</summary>
    public Outcome Commit(long session, int cxid, OpCode type, Transaction change)
    {
        var header = new TransactionHeader(session, cxid, ++LastZxid, Options.Time.GetUtcNow().ToUnixTimeMilliseconds(), type);
        var outcome = Tree.Apply(header, change);
        var bytes = _log.Append(header, change, Tree.Digest);
        SinceSnapshot = (SinceSnapshot.Count + 1, SinceSnapshot.Bytes + bytes);
        _onChange(type);
        return outcome;
    }

    /// <summary>Ends a session, its ephemeral nodes and its connection's watches. Under the lock.</summary>
    public void End(Session session, int cxid)
    {
        if (Sessions.Find(session.Id) != session)
        {
            return;
        }

        Sessions.Remove(session);
        EndEphemerals(session.Id, cxid);
    }

    /// <summary>Ends what is left of sessions that nobody has, as a snapshot of a server that was killed may show them. Under the lock.</summary>
    public void EndOrphans()
    {
        foreach (var owner in Tree.Ephemerals.Keys.Where(id => Sessions.Find(id) is null).ToArray())
        {
            EndEphemerals(owner, 0);
        }
    }

    /// <summary>Ends sessions that were not heard of in time.</summary>
    public void ExpireSessions()
    {
        lock (Gate)
        {
            foreach (var session in Sessions.Expired())
            {
                LogExpired(Options.Logger, session.Id, session.Client?.TimeoutMs ?? session.TimeoutMs);
                End(session, 0);
                session.Client?.Outbox.CloseWhenSent();
            }
        }
    }

    /// <summary>The connection is gone: its watches are, the session waits for another.</summary>
    public void Leave(Client client)
    {
        lock (Gate)
        {
            Tree.DataWatches.RemoveAll(client);
            Tree.ChildWatches.RemoveAll(client);
            if (client.Session?.Client == client)
            {
                client.Session.Client = null;
            }
        }
    }

    /// <summary>Deletes containers that lost their last child, and nodes whose time to live is over.</summary>
    public void ExpireNodes()
    {
        lock (Gate)
        {
            var now = Options.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var unused = Options.Number("znode.container.maxNeverUsedIntervalMs");
            foreach (var node in Tree.Expiring.Where(node => node.ChildCount == 0 && IsOver(node)).ToArray())
            {
                Commit(0, 0, OpCode.DeleteContainer, new DeleteTransaction(node.Path()));
            }

            bool IsOver(Node node) => node.EphemeralOwner == Owner.Container
                ? node.Creations > 0 || (unused > 0 && now - node.Mtime > unused)
                : Owner.TtlOf(node.EphemeralOwner) is var ttl and > 0 && now - node.Mtime > ttl;
        }
    }

    private void EndEphemerals(long session, int cxid) =>
        Commit(session, cxid, OpCode.CloseSession, new CloseSessionTransaction([.. Tree.EphemeralsOf(session)]));

    [LoggerMessage(30, LogLevel.Information, "The session 0x{Id:x} expired: it was not heard of for {TimeoutMs} ms")]
    private static partial void LogExpired(ILogger logger, long id, int timeoutMs);
}
