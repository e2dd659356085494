using ZooKeeper.Protocol;

namespace ZooKeeper.Tree;

/// <summary>Who did what when: what stands before each transaction in the log.</summary>
internal readonly record struct TransactionHeader(long SessionId, int Cxid, long Zxid, long Time, OpCode Type)
{
    public static TransactionHeader Read(ref JuteReader reader) => new(reader.Long(), reader.Int(), reader.Long(), reader.Long(), (OpCode)reader.Int());

    public void Write(JuteWriter writer)
    {
        writer.Long(SessionId);
        writer.Int(Cxid);
        writer.Long(Zxid);
        writer.Long(Time);
        writer.Int((int)Type);
    }
}

/// <summary>
/// A change of the tree or of the sessions, in the form in which ZooKeeper's log has it. It says what comes out, not what was asked: so it
/// can be applied again to a tree that has it already.
/// </summary>
internal abstract record Transaction
{
    public abstract void Write(JuteWriter writer);

    public static Transaction Read(OpCode type, ref JuteReader reader) => type switch
    {
        OpCode.Create or OpCode.Create2 => ReadCreate(ref reader),
        OpCode.CreateContainer => new CreateContainerTransaction(reader.Text(), reader.Buffer(), AccessList.Read(ref reader), reader.Int()),
        OpCode.CreateTtl => new CreateTtlTransaction(reader.Text(), reader.Buffer(), AccessList.Read(ref reader), reader.Int(), reader.Long()),
        OpCode.Delete or OpCode.DeleteContainer => new DeleteTransaction(reader.Text()),
        OpCode.SetData or OpCode.Reconfig => new SetDataTransaction(reader.Text(), reader.Buffer(), reader.Int()),
        OpCode.SetAcl => new SetAclTransaction(reader.Text(), AccessList.Read(ref reader), reader.Int()),
        OpCode.Check => new CheckTransaction(reader.Text(), reader.Int()),
        OpCode.CreateSession => new CreateSessionTransaction(reader.Int()),
        OpCode.CloseSession => new CloseSessionTransaction(reader.Remaining == 0 ? [] : reader.Strings()), // before 3.6 it had no paths
        OpCode.Error => new ErrorTransaction((ErrorCode)reader.Int()),
        OpCode.Multi => ReadMulti(ref reader),
        _ => throw new MalformedException($"a transaction of type {(int)type}, which this server does not know"),
    };

    /// <summary>Before 3.4 it did not say how many children the parent had had; -1 is one more.</summary>
    private static CreateTransaction ReadCreate(ref JuteReader reader) =>
        new(reader.Text(), reader.Buffer(), AccessList.Read(ref reader), reader.Bool(), reader.Remaining >= sizeof(int) ? reader.Int() : -1);

    private static MultiTransaction ReadMulti(ref JuteReader reader)
    {
        var parts = new (OpCode, Transaction)[reader.Vector(2 * sizeof(int))];
        for (var i = 0; i < parts.Length; i++)
        {
            var type = (OpCode)reader.Int();
            var part = new JuteReader(reader.Buffer());
            parts[i] = (type, Read(type, ref part));
        }

        return new(parts);
    }
}

internal sealed record CreateTransaction(string Path, byte[]? Data, AccessList Access, bool IsEphemeral, int ParentCreations) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        writer.Buffer(Data);
        Access.Write(writer);
        writer.Bool(IsEphemeral);
        writer.Int(ParentCreations);
    }
}

internal sealed record CreateContainerTransaction(string Path, byte[]? Data, AccessList Access, int ParentCreations) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        writer.Buffer(Data);
        Access.Write(writer);
        writer.Int(ParentCreations);
    }
}

/// <param name="Path">The new node.</param>
/// <param name="Data">Its data.</param>
/// <param name="Access">Its access list.</param>
/// <param name="ParentCreations">How many children its parent has had, with it.</param>
/// <param name="Ttl">Milliseconds without a change after which it goes.</param>
internal sealed record CreateTtlTransaction(string Path, byte[]? Data, AccessList Access, int ParentCreations, long Ttl) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        writer.Buffer(Data);
        Access.Write(writer);
        writer.Int(ParentCreations);
        writer.Long(Ttl);
    }
}

internal sealed record DeleteTransaction(string Path) : Transaction
{
    public override void Write(JuteWriter writer) => writer.String(Path);
}

internal sealed record SetDataTransaction(string Path, byte[]? Data, int Version) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        writer.Buffer(Data);
        writer.Int(Version);
    }
}

internal sealed record SetAclTransaction(string Path, AccessList Access, int Version) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        Access.Write(writer);
        writer.Int(Version);
    }
}

internal sealed record CheckTransaction(string Path, int Version) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.String(Path);
        writer.Int(Version);
    }
}

internal sealed record CreateSessionTransaction(int TimeoutMs) : Transaction
{
    public override void Write(JuteWriter writer) => writer.Int(TimeoutMs);
}

/// <param name="Ephemerals">The nodes that go with the session.</param>
internal sealed record CloseSessionTransaction(string[] Ephemerals) : Transaction
{
    public override void Write(JuteWriter writer) => writer.Strings(Ephemerals);
}

/// <summary>A request that was refused; Apache's server logs these, this one does not.</summary>
internal sealed record ErrorTransaction(ErrorCode Error) : Transaction
{
    public override void Write(JuteWriter writer) => writer.Int((int)Error);
}

/// <summary>Several changes under one zxid.</summary>
internal sealed record MultiTransaction((OpCode Type, Transaction Change)[] Parts) : Transaction
{
    public override void Write(JuteWriter writer)
    {
        writer.Int(Parts.Length);
        foreach (var (type, change) in Parts)
        {
            writer.Int((int)type);
            var length = writer.Length;
            writer.Int(0);
            change.Write(writer);
            writer.PatchInt(length, writer.Length - length - sizeof(int));
        }
    }
}
