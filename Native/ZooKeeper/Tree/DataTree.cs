using ZooKeeper.Protocol;
using ZooKeeper.Watches;

namespace ZooKeeper.Tree;

/// <summary>
/// The nodes in memory, and who watches them. Used under the database's lock. Lookup goes from name to name, so that a path is kept once,
/// spread over its nodes.
/// </summary>
internal sealed partial class DataTree
{
    private readonly Dictionary<long, HashSet<Node>> _ephemerals = [];

    public DataTree()
    {
        Root = new Node("", [], AccessTable.Open);
        Quotas = new Quotas(this);
        var zookeeper = Adopt(Root, new Node("zookeeper", [], AccessTable.Open), Paths.ZooKeeper);
        Adopt(zookeeper, new Node("quota", [], AccessTable.Open), Paths.Quota);
        Adopt(zookeeper, new Node("config", [], Access.Use(AccessList.ReadOnly)), Paths.Config);
        Redigest("", Root);
        Redigest(Paths.ZooKeeper, zookeeper); // those below it have none
    }

    public Node Root { get; private set; }

    public AccessTable Access { get; } = new();

    public Quotas Quotas { get; }

    /// <summary>Watches of a node's being and data.</summary>
    public WatchTable DataWatches { get; } = new();

    public WatchTable ChildWatches { get; } = new();

    /// <summary>The sum of the nodes' digests.</summary>
    public long Digest { get; private set; }

    /// <summary>With the root.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Characters of the paths and bytes of the data.</summary>
    public long Size { get; private set; }

    /// <summary>Nodes that go by themselves: containers, and those with a time to live.</summary>
    public HashSet<Node> Expiring { get; } = [];

    public IReadOnlyDictionary<long, HashSet<Node>> Ephemerals => _ephemerals;

    /// <summary>The node at a path; "" is the root's too.</summary>
    public Node? Find(ReadOnlySpan<char> path)
    {
        if (path is "" or "/")
        {
            return Root;
        }

        var node = path[0] == '/' ? Root : null;
        for (var start = 1; node is not null && start <= path.Length;)
        {
            var name = path[start..];
            var slash = name.IndexOf('/');
            name = slash < 0 ? name : name[..slash];
            node = node.Child(name);
            start += name.Length + 1;
        }

        return node;
    }

    /// <exception cref="RefusedException">There is none.</exception>
    public Node Get(string path) => Find(path) ?? throw new RefusedException(ErrorCode.NoNode);

    public IEnumerable<string> EphemeralsOf(long session) => _ephemerals.TryGetValue(session, out var nodes) ? nodes.Select(node => node.Path()) : [];

    /// <summary>How many nodes are below one.</summary>
    public int CountBelow(Node top)
    {
        if (top == Root)
        {
            return Count - 1;
        }

        var count = 0;
        var left = new Stack<Node>([top]);
        while (left.TryPop(out var node))
        {
            foreach (var child in node.Children?.Values ?? Enumerable.Empty<Node>())
            {
                count++;
                left.Push(child);
            }
        }

        return count;
    }

    /// <summary>Starts a tree that is loaded from a snapshot: nothing is there but the root.</summary>
    public void Clear()
    {
        Root = new Node("", [], AccessTable.Open);
        _ephemerals.Clear();
        Expiring.Clear();
        (Digest, Count, Size) = (0, 1, 0);
    }

    /// <summary>Puts a node of a snapshot in its place; its parent came before it.</summary>
    public void Load(string path, Node node)
    {
        if (path.Length == 0)
        {
            Root = node;
        }
        else
        {
            var parent = Find(Paths.ParentOf(path)) ?? throw new MalformedException($"it has the node {path} without its parent");
            Adopt(parent, node, path);
        }

        node.Digest = TreeDigest.Of(path, node);
        Digest += node.Digest;
    }

    private Node Adopt(Node parent, Node node, string path)
    {
        node.Parent = parent;
        (parent.Children ??= new(StringComparer.Ordinal)).Add(node.Name, node);
        Count++;
        Size += path.Length + node.DataLength;
        if (Owner.IsSession(node.EphemeralOwner))
        {
            if (!_ephemerals.TryGetValue(node.EphemeralOwner, out var owned))
            {
                _ephemerals.Add(node.EphemeralOwner, owned = []);
            }

            owned.Add(node);
        }
        else if (node.EphemeralOwner != 0)
        {
            Expiring.Add(node);
        }

        return node;
    }

    /// <summary>Takes a node out with everything below it, which only a log that is replayed over a later snapshot can find there.</summary>
    private void Orphan(Node node, string path)
    {
        foreach (var child in node.Children?.Values.ToArray() ?? [])
        {
            Orphan(child, $"{path}/{child.Name}");
        }

        var parent = node.Parent!;
        parent.Children!.Remove(node.Name);
        if (parent.ChildCount == 0)
        {
            parent.Children = null;
        }

        node.Parent = null;
        Count--;
        Size -= path.Length + node.DataLength;
        Digest -= node.Digest;
        if (node.Access != AccessTable.Open)
        {
            Access.Release(node.Access);
        }

        if (Owner.IsSession(node.EphemeralOwner) && _ephemerals.TryGetValue(node.EphemeralOwner, out var owned))
        {
            owned.Remove(node);
            if (owned.Count == 0)
            {
                _ephemerals.Remove(node.EphemeralOwner);
            }
        }

        Expiring.Remove(node);
    }

    private void Redigest(ReadOnlySpan<char> path, Node node)
    {
        Digest -= node.Digest;
        node.Digest = TreeDigest.Of(path, node);
        Digest += node.Digest;
    }
}
