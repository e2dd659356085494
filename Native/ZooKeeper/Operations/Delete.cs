using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// delete (2), and deleteContainer (20), which the server asks of itself; a client that asks for it needs the right to delete, which
/// Apache's server does not check.
/// </summary>
internal sealed record DeleteRequest(OpCode Type, string Path, int Version) : WriteRequest(Type)
{
    public static DeleteRequest Read(OpCode type, ref JuteReader reader) => new(type, reader.Text(), type == OpCode.Delete ? reader.Int() : -1);

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        var parentPath = Paths.ParentOfDeleted(Path);
        var parent = preparation.Get(parentPath);
        preparation.CheckAccess(parent, Permission.Delete);
        var node = preparation.Get(Path);
        Preparation.NextVersion(node.Version, Version);
        if (node.ChildCount > 0)
        {
            throw new RefusedException(ErrorCode.NotEmpty);
        }

        if (Type == OpCode.DeleteContainer && (node.EphemeralOwner == 0 || Owner.IsSession(node.EphemeralOwner)))
        {
            throw new RefusedException(ErrorCode.BadVersion);
        }

        preparation.CheckRoom(Path, -node.DataLength, 0);
        preparation.Put(parentPath, parent with { ChildCount = parent.ChildCount - 1 });
        preparation.Put(Path, null);
        return (Type, new DeleteTransaction(Path));
    }
}
