using ZooKeeper.Protocol;

namespace ZooKeeper.Tree;

/// <summary>A node of the tree. Its owner says what it is: 0 persistent, a session's id ephemeral, or one of <see cref="Owner"/>'s special values.</summary>
internal sealed class Node(string name, byte[]? data, AccessTable.Entry access)
{
    public string Name => name;

    /// <summary>Null for the root, and for a node that was deleted.</summary>
    public Node? Parent { get; set; }

    public Dictionary<string, Node>? Children { get; set; }

    public byte[]? Data { get; set; } = data;

    public AccessTable.Entry Access { get; set; } = access;

    public long Czxid { get; set; }

    public long Mzxid { get; set; }

    public long Pzxid { get; set; }

    public long Ctime { get; set; }

    public long Mtime { get; set; }

    public long EphemeralOwner { get; set; }

    public int Version { get; set; }

    /// <summary>How many children were created so far: the next sequential child's number.</summary>
    public int Creations { get; set; }

    public int Aversion { get; set; }

    /// <summary>What the node adds to the digest of the tree, see <see cref="TreeDigest"/>.</summary>
    public uint Digest { get; set; }

    public int ChildCount => Children?.Count ?? 0;

    public int DataLength => Data?.Length ?? 0;

    /// <summary>
    /// Clients are told the changes of the children, which are each creation and a deletion for each child that is not there any more; and an
    /// owner only where that is a session.
    /// </summary>
    public Stat Stat => new(
        Czxid, Mzxid, Ctime, Mtime, Version, unchecked((Creations * 2) - ChildCount), Aversion, Owner.IsSession(EphemeralOwner) ? EphemeralOwner : 0,
        DataLength, ChildCount, Pzxid);

    public Node? Child(ReadOnlySpan<char> childName)
    {
        Node? child = null;
        Children?.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(childName, out child);
        return child;
    }

    public string Path()
    {
        if (Parent is null)
        {
            return name.Length == 0 ? "/" : name;
        }

        var length = 0;
        for (var node = this; node.Parent is not null; node = node.Parent)
        {
            length += node.Name.Length + 1;
        }

        return string.Create(length, this, static (path, node) =>
        {
            for (; node.Parent is not null; node = node.Parent)
            {
                node.Name.CopyTo(path[^node.Name.Length..]);
                path = path[..^node.Name.Length];
                path[^1] = '/';
                path = path[..^1];
            }
        });
    }
}

/// <summary>What the owner of a node says about its end.</summary>
internal static class Owner
{
    /// <summary>Of a node that goes some time after its last child went.</summary>
    public const long Container = long.MinValue;

    private const long Special = unchecked((long)0xff00_0000_0000_0000);
    private const long Reserved = 0x00ff_ff00_0000_0000;

    /// <summary>The longest time to live, in milliseconds; about 34 years.</summary>
    public const long LongestTtl = 0x0000_00ff_ffff_ffff;

    public static long Ttl(long milliseconds) => Special | milliseconds;

    /// <summary>Milliseconds that a node lives without children and changes; 0 for one that has no such time.</summary>
    public static long TtlOf(long owner) => (owner & (Special | Reserved)) == Special ? owner & LongestTtl : 0;

    public static bool IsSession(long owner) => owner != 0 && owner != Container && (owner & Special) != Special;
}
