using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>setData (5).</summary>
internal sealed record SetDataRequest(string Path, byte[]? Data, int Version) : WriteRequest(OpCode.SetData)
{
    public static SetDataRequest Read(ref JuteReader reader) => new(reader.Text(), reader.Buffer(), reader.Int());

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        Paths.Validate(Path);
        var node = preparation.Get(Path);
        preparation.CheckAccess(node, Permission.Write);
        preparation.CheckRoom(Path, (Data?.Length ?? 0) - node.DataLength, 0);
        var version = Preparation.NextVersion(node.Version, Version);
        preparation.Put(Path, node with { Version = version, DataLength = Data?.Length ?? 0 });
        return (Type, new SetDataTransaction(Path, Data, version));
    }
}

/// <summary>check (13), a part of a multi only: the node is there in a version. It asks for the right to read.</summary>
internal sealed record CheckRequest(string Path, int Version) : WriteRequest(OpCode.Check)
{
    public static CheckRequest Read(ref JuteReader reader) => new(reader.Text(), reader.Int());

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        Paths.Validate(Path);
        var node = preparation.Get(Path);
        preparation.CheckAccess(node, Permission.Read);
        return (Type, new CheckTransaction(Path, Preparation.NextVersion(node.Version, Version)));
    }
}
