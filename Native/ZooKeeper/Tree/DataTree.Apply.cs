using ZooKeeper.Protocol;
using ZooKeeper.Watches;

namespace ZooKeeper.Tree;

/// <summary>What came of a transaction; of a multi's part, too.</summary>
internal readonly record struct Outcome(OpCode Type, ErrorCode Error = ErrorCode.Ok, string? Path = null, Stat? Stat = null, Outcome[]? Parts = null);

/// <summary>
/// Transactions onto the tree, the same way while serving and while replaying the log over a snapshot that was written in the meantime:
/// what is there already is not made again, and numbers only grow. Watches are told in the order of ZooKeeper.
/// </summary>
internal sealed partial class DataTree
{
    public Outcome Apply(in TransactionHeader header, Transaction change)
    {
        try
        {
            return change switch
            {
                CreateTransaction create => Create(
                    header, create.Path, create.Data, create.Access, create.IsEphemeral ? header.SessionId : 0, create.ParentCreations),
                CreateContainerTransaction create => Create(header, create.Path, create.Data, create.Access, Owner.Container, create.ParentCreations),
                CreateTtlTransaction create => Create(header, create.Path, create.Data, create.Access, Owner.Ttl(create.Ttl), create.ParentCreations),
                DeleteTransaction delete => Delete(header, delete.Path),
                SetDataTransaction set => SetData(header, set),
                SetAclTransaction set => SetAcl(header, set),
                CheckTransaction check => new(header.Type, Path: check.Path),
                CloseSessionTransaction close => CloseSession(header, close),
                MultiTransaction multi => Multi(header, multi),
                ErrorTransaction error => new(header.Type, error.Error),
                _ => new(header.Type),
            };
        }
        catch (RefusedException refused)
        {
            return new(header.Type, refused.Code);
        }
    }

    private Outcome Create(in TransactionHeader header, string path, byte[]? data, AccessList access, long owner, int parentCreations)
    {
        var parentPath = Paths.ParentOf(path);
        var name = path[(parentPath.Length + 1)..];
        var parent = Get(parentPath);
        var existing = parent.Child(name);
        if (parentCreations == -1)
        {
            parentCreations = parent.Creations + 1;
        }

        // A node that was created and deleted while the snapshot was written is replayed on a parent that knows of both.
        var isNews = parentCreations > parent.Creations;
        if (isNews)
        {
            parent.Creations = parentCreations;
            parent.Pzxid = header.Zxid;
        }

        if (existing is not null)
        {
            Redigest(parentPath, parent);
            Replace(existing, access);
            return new(header.Type, ErrorCode.NodeExists, path);
        }

        var node = new Node(name, data, Use(access))
        {
            Czxid = header.Zxid,
            Mzxid = header.Zxid,
            Pzxid = header.Zxid,
            Ctime = header.Time,
            Mtime = header.Time,
            EphemeralOwner = owner,
        };
        Adopt(parent, node, path);
        Redigest(parentPath, parent);
        Redigest(path, node);
        Quotas.OnCreated(parentPath, name, path, node.DataLength);
        DataWatches.Trigger(path, EventType.NodeCreated, header.Zxid, node.Access.List);
        ChildWatches.Trigger(parentPath.Length == 0 ? "/" : parentPath, EventType.NodeChildrenChanged, header.Zxid, parent.Access.List);
        return new(header.Type, Path: path, Stat: node.Stat);
    }

    private Outcome Delete(in TransactionHeader header, string path)
    {
        var parentPath = Paths.ParentOf(path);
        var parent = Get(parentPath);
        var node = parent.Child(path.AsSpan(parentPath.Length + 1));
        if (node is not null)
        {
            Orphan(node, path);
        }

        if (header.Zxid > parent.Pzxid)
        {
            parent.Pzxid = header.Zxid;
        }

        Redigest(parentPath, parent);
        if (node is null)
        {
            return new(header.Type, ErrorCode.NoNode, path);
        }

        Quotas.OnDeleted(parentPath, node.Name, path, node.DataLength);
        var told = DataWatches.Trigger(path, EventType.NodeDeleted, header.Zxid, node.Access.List);
        ChildWatches.Trigger(path, EventType.NodeDeleted, header.Zxid, node.Access.List, told);
        ChildWatches.Trigger(parentPath.Length == 0 ? "/" : parentPath, EventType.NodeChildrenChanged, header.Zxid, parent.Access.List);
        return new(header.Type, Path: path);
    }

    private Outcome SetData(in TransactionHeader header, SetDataTransaction set)
    {
        var node = Get(set.Path);
        var more = (set.Data?.Length ?? 0) - node.DataLength;
        node.Data = set.Data;
        node.Mtime = header.Time;
        node.Mzxid = header.Zxid;
        node.Version = set.Version;
        Redigest(set.Path, node);
        Size += more;
        Quotas.Add(set.Path, more, 0);
        DataWatches.Trigger(set.Path, EventType.NodeDataChanged, header.Zxid, node.Access.List);
        return new(header.Type, Path: set.Path, Stat: node.Stat);
    }

    private Outcome SetAcl(in TransactionHeader header, SetAclTransaction set)
    {
        var node = Get(set.Path);
        Replace(node, set.Access);
        node.Aversion = set.Version;
        Redigest(set.Path, node);
        return new(header.Type, Path: set.Path, Stat: node.Stat);
    }

    private Outcome CloseSession(in TransactionHeader header, CloseSessionTransaction close)
    {
        foreach (var path in close.Ephemerals.Concat(EphemeralsOf(header.SessionId).Except(close.Ephemerals).ToArray()))
        {
            if (Find(path) is { } node && node.EphemeralOwner == header.SessionId)
            {
                Delete(header, path);
            }
            else if (Find(Paths.ParentOf(path)) is { } parent && header.Zxid > parent.Pzxid)
            {
                parent.Pzxid = header.Zxid;
                Redigest(Paths.ParentOf(path), parent);
            }
        }

        return new(header.Type);
    }

    private Outcome Multi(in TransactionHeader header, MultiTransaction multi)
    {
        var outcomes = new Outcome[multi.Parts.Length];
        var isRefused = multi.Parts.Any(part => part.Type == OpCode.Error);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var (type, change) = multi.Parts[i];
            outcomes[i] = isRefused ? new(type, ErrorCode.RuntimeInconsistency) : Apply(header with { Type = type }, change);
        }

        return new(header.Type, Parts: outcomes);
    }

    private AccessTable.Entry Use(AccessList access) => Access.Use(access);

    private void Replace(Node node, AccessList access)
    {
        var entry = Use(access);
        if (node.Access != AccessTable.Open)
        {
            Access.Release(node.Access);
        }

        node.Access = entry;
    }
}
