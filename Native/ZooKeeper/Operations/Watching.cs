using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Watches;

namespace ZooKeeper.Operations;

/// <summary>
/// checkWatches (17), removeWatches (18), setWatches (101), setWatches2 (105), addWatch (106). As ZooKeeper 3.9: a path can have a
/// standard, a persistent and a recursive watch of one client at once, and each is checked and removed by its own type.
/// </summary>
internal static class Watching
{
    private const WatchModes Any = WatchModes.Standard | WatchModes.Persistent | WatchModes.Recursive;

    /// <summary>Watches are memory that clients fill.</summary>
    public static void CheckRoom(Database database)
    {
        if (database.Tree.DataWatches.Count + database.Tree.ChildWatches.Count >= database.MostWatches)
        {
            throw new RefusedException(ErrorCode.QuotaExceeded);
        }
    }

    public static ErrorCode Add(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        var (path, mode) = (reader.Text(), reader.Int());
        CheckRoom(database);
        switch (mode)
        {
            case 0:
                AddPersistent(database, client, path);
                break;
            case 1:
                database.Tree.DataWatches.Add(path, client, WatchModes.Recursive);
                break;
            default:
                throw new MalformedException($"a watch of mode {mode}");
        }

        answer.Int((int)ErrorCode.Ok);
        return ErrorCode.Ok;
    }

    public static ErrorCode Check(Database database, Client client, ref JuteReader reader)
    {
        var (path, type) = (reader.Text(), reader.Int());
        var (data, children) = ModesOf(type);
        return database.Tree.DataWatches.Contains(path, client, data) || database.Tree.ChildWatches.Contains(path, client, children)
            ? ErrorCode.Ok
            : ErrorCode.NoWatcher;
    }

    public static ErrorCode Remove(Database database, Client client, ref JuteReader reader)
    {
        var (path, type) = (reader.Text(), reader.Int());
        var (data, children) = ModesOf(type);
        return database.Tree.DataWatches.Remove(path, client, data) | database.Tree.ChildWatches.Remove(path, client, children)
            ? ErrorCode.Ok
            : ErrorCode.NoWatcher;
    }

    /// <summary>A client that has connected again: it says what it watched and the last transaction it knows, and is told what it missed.</summary>
    public static ErrorCode Set(Database database, Client client, ref JuteReader reader, bool hasPersistent)
    {
        var seen = reader.Long();
        var (data, existence, children) = (reader.Strings(), reader.Strings(), reader.Strings());
        var (persistent, recursive) = hasPersistent ? (reader.Strings(), reader.Strings()) : ([], []);
        var (tree, last) = (database.Tree, database.LastZxid);
        CheckRoom(database);
        foreach (var path in data)
        {
            switch (tree.Find(path))
            {
                case null:
                    client.Tell(EventType.NodeDeleted, path, last, null);
                    break;
                case { } node when node.Mzxid > seen:
                    client.Tell(EventType.NodeDataChanged, path, last, null);
                    break;
                default:
                    tree.DataWatches.Add(path, client, WatchModes.Standard);
                    break;
            }
        }

        foreach (var path in existence)
        {
            if (tree.Find(path) is not null)
            {
                client.Tell(EventType.NodeCreated, path, last, null);
            }
            else
            {
                tree.DataWatches.Add(path, client, WatchModes.Standard);
            }
        }

        foreach (var path in children)
        {
            switch (tree.Find(path))
            {
                case null:
                    client.Tell(EventType.NodeDeleted, path, last, null);
                    break;
                case { } node when node.Pzxid > seen:
                    client.Tell(EventType.NodeChildrenChanged, path, last, null);
                    break;
                default:
                    tree.ChildWatches.Add(path, client, WatchModes.Standard);
                    break;
            }
        }

        foreach (var path in persistent)
        {
            AddPersistent(database, client, path);
        }

        foreach (var path in recursive)
        {
            tree.DataWatches.Add(path, client, WatchModes.Recursive);
        }

        return ErrorCode.Ok;
    }

    private static void AddPersistent(Database database, Client client, string path)
    {
        database.Tree.DataWatches.Add(path, client, WatchModes.Persistent);
        database.Tree.ChildWatches.Add(path, client, WatchModes.Persistent);
    }

    /// <summary>Which ways of watching a type means, in the two tables.</summary>
    private static (WatchModes Data, WatchModes Children) ModesOf(int type) => type switch
    {
        1 => (WatchModes.None, WatchModes.Standard), // children
        2 => (WatchModes.Standard, WatchModes.None), // data
        3 => (Any, Any),
        4 => (WatchModes.Persistent, WatchModes.Persistent),
        5 => (WatchModes.Recursive, WatchModes.None),
        _ => throw new MalformedException($"a type of watch {type}"),
    };
}
