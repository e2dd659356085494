using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;
using ZooKeeper.Watches;

namespace ZooKeeper.Operations;

/// <summary>exists (3), getData (4), getChildren (8), getChildren2 (12), getEphemerals (103), getAllChildrenNumber (104).</summary>
internal static class Reads
{
    /// <summary>Its watch is left on a node that is not there too.</summary>
    public static ErrorCode Exists(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        var (path, isWatched) = (reader.Text(), reader.Bool());
        if (path.Contains('\0'))
        {
            return ErrorCode.BadArguments;
        }

        var error = Find(database, client, path, out var node);
        if (isWatched && error is (ErrorCode.Ok or ErrorCode.NoNode))
        {
            Watch(database, database.Tree.DataWatches, path, client);
        }

        if (error == ErrorCode.Ok)
        {
            node.Stat.Write(answer);
        }

        return error;
    }

    public static ErrorCode GetData(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        var (path, isWatched) = (reader.Text(), reader.Bool());
        if (Find(database, client, path, out var node) is var error and not ErrorCode.Ok)
        {
            return error;
        }

        if (isWatched)
        {
            Watch(database, database.Tree.DataWatches, path, client);
        }

        answer.Buffer(node.Data);
        node.Stat.Write(answer);
        return ErrorCode.Ok;
    }

    public static ErrorCode GetChildren(Database database, Client client, ref JuteReader reader, JuteWriter answer, bool hasStat)
    {
        var (path, isWatched) = (reader.Text(), reader.Bool());
        if (Find(database, client, path, out var node) is var error and not ErrorCode.Ok)
        {
            return error;
        }

        if (isWatched)
        {
            Watch(database, database.Tree.ChildWatches, path, client);
        }

        answer.Int(node.ChildCount);
        foreach (var name in node.Children?.Keys ?? Enumerable.Empty<string>())
        {
            answer.String(name);
        }

        if (hasStat)
        {
            node.Stat.Write(answer);
        }

        return ErrorCode.Ok;
    }

    /// <summary>The ephemeral nodes of the session itself, of which the path begins so.</summary>
    public static ErrorCode GetEphemerals(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        var prefix = reader.String()?.Trim() is { Length: > 0 } given and not "/" ? given : "";
        answer.Strings([.. database.Tree.EphemeralsOf(client.SessionId).Where(path => path.StartsWith(prefix, StringComparison.Ordinal))]);
        return ErrorCode.Ok;
    }

    /// <summary>How many nodes are below one, at any depth.</summary>
    public static ErrorCode GetAllChildrenNumber(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        if (Find(database, client, reader.Text(), out var node) is var error and not ErrorCode.Ok)
        {
            return error;
        }

        answer.Int(database.Tree.CountBelow(node));
        return ErrorCode.Ok;
    }

    private static ErrorCode Find(Database database, Client client, string path, out Node node)
    {
        node = database.Tree.Find(path)!;
        return node is null ? ErrorCode.NoNode
            : Access.Allows(node.Access.List, Permission.Read, client.Identities) ? ErrorCode.Ok
            : ErrorCode.NoAuth;
    }

    private static void Watch(Database database, WatchTable table, string path, Client client)
    {
        Watching.CheckRoom(database);
        table.Add(path, client, WatchModes.Standard);
    }
}
