using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>What a write needs to know of a node to be allowed.</summary>
internal readonly record struct NodeView(
    long EphemeralOwner, int Version, int Creations, int Aversion, int ChildCount, int DataLength, AccessList Access);

/// <summary>A request to change something: says which transaction it comes to, or why it may not be.</summary>
internal abstract record WriteRequest(OpCode Type)
{
    /// <exception cref="RefusedException">It may not be.</exception>
    public abstract (OpCode Type, Transaction Change) Prepare(Preparation preparation);
}

/// <summary>
/// Looks at the tree for a write, as it will be after the parts of the same multi that came before it: those are known here only, until
/// all of them are allowed.
/// </summary>
internal sealed partial class Preparation(Database database, Client client, bool isMulti)
{
    private readonly Dictionary<string, NodeView?>? _changed = isMulti ? new(StringComparer.Ordinal) : null;
    private long _growth;

    public Database Database => database;

    public Client Client => client;

    public NodeView Get(string path) => Find(path) ?? throw new RefusedException(ErrorCode.NoNode);

    public NodeView? Find(string path)
    {
        if (_changed is not null && _changed.TryGetValue(Key(path), out var changed))
        {
            return changed;
        }

        return database.Tree.Find(path) is not { } node
            ? null
            : new(node.EphemeralOwner, node.Version, node.Creations, node.Aversion, node.ChildCount, node.DataLength, node.Access.List);
    }

    /// <summary>Remembers what a part changes, for those after it; null deletes.</summary>
    public void Put(string path, NodeView? view)
    {
        if (_changed is not null)
        {
            _changed[Key(path)] = view;
        }
    }

    public void CheckAccess(in NodeView view, int permission)
    {
        if (!Access.Allows(view.Access, permission, client.Identities))
        {
            throw new RefusedException(ErrorCode.NoAuth);
        }
    }

    /// <summary>Refuses what the quota of a subtree forbids, or says so where quotas are only watched, and what the memory does not hold.</summary>
    public void CheckRoom(string path, int bytes, int nodes)
    {
        _growth += bytes + (nodes * path.Length);
        if (_growth > 0 && database.Tree.Size + _growth > database.MostData)
        {
            LogFull(database.Options.Logger, database.MostData);
            throw new RefusedException(ErrorCode.QuotaExceeded);
        }

        if (database.Tree.Quotas.Limits(path) is not var (limited, limits, used))
        {
            return;
        }

        var (mostNodes, mostBytes) = (Limit(limits.CountHardLimit, limits.Count), Limit(limits.ByteHardLimit, limits.Bytes));
        var (hasTooMany, hasTooMuch) = (nodes > 0 && used.Count + nodes > mostNodes, bytes != 0 && used.Bytes + bytes > mostBytes);
        if (hasTooMany || hasTooMuch)
        {
            LogQuota(database.Options.Logger, limited, used.Count + nodes, used.Bytes + bytes);
            if (database.EnforcesQuota && ((hasTooMany && limits.CountHardLimit > -1) || (hasTooMuch && limits.ByteHardLimit > -1)))
            {
                throw new RefusedException(ErrorCode.QuotaExceeded);
            }
        }
    }

    /// <summary>The version after a change, if the one that the client expects is there; -1 expects any.</summary>
    public static int NextVersion(int current, int expected)
    {
        if (expected != -1 && expected != current)
        {
            throw new RefusedException(ErrorCode.BadVersion);
        }

        // -1 would mean any version.
        return current == -2 ? 0 : unchecked(current + 1);
    }

    private static string Key(string path) => path == "/" ? "" : path;

    private static long Limit(long hard, long soft) => hard > -1 ? hard : soft > -1 ? soft : long.MaxValue;

    [LoggerMessage(31, LogLevel.Warning, "The quota of {Path} is exceeded: {Count} nodes, {Bytes} bytes")]
    private static partial void LogQuota(ILogger logger, string path, long count, long bytes);

    [LoggerMessage(32, LogLevel.Warning, "A write was refused: the nodes have the {Most} bytes that they may have (maxDataBytes)")]
    private static partial void LogFull(ILogger logger, long most);
}
