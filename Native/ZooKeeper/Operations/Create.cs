using System.Globalization;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>
/// create (1), create2 (15), createContainer (19), createTTL (21). Flags: 1 ephemeral, 2 sequential, 3 both, 4 container, 5 with a time to
/// live, 6 with one and sequential. Not implemented: the node ids above 2^40 of an ensemble's extended types.
/// </summary>
internal sealed record CreateRequest(OpCode Type, string Path, byte[]? Data, AccessList Access, int Flags, long Ttl) : WriteRequest(Type)
{
    private const int Ephemeral = 1;
    private const int EphemeralSequential = 3;
    private const int WithTtl = 5;
    private const int SequentialWithTtl = 6;

    public static CreateRequest Read(OpCode type, ref JuteReader reader) => new(
        type, reader.Text(), reader.Buffer(), AccessList.Read(ref reader), reader.Int(), type == OpCode.CreateTtl ? reader.Long() : -1);

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        CheckFlags(preparation.Database);
        var parentPath = Paths.ParentOf(Path);
        var access = Clients.Access.Resolve(Access, preparation.Client.Identities);
        var parent = preparation.Get(parentPath);
        preparation.CheckAccess(parent, Permission.Create);
        var path = Flags is 2 or EphemeralSequential or SequentialWithTtl ? Path + Sequence(parent.Creations) : Path;
        Paths.Validate(path);
        if (preparation.Find(path) is not null)
        {
            throw new RefusedException(ErrorCode.NodeExists);
        }

        if (Owner.IsSession(parent.EphemeralOwner))
        {
            throw new RefusedException(ErrorCode.NoChildrenForEphemerals);
        }

        preparation.CheckRoom(path, Data?.Length ?? 0, 1);
        var creations = unchecked(parent.Creations + 1);
        var isEphemeral = Flags is Ephemeral or EphemeralSequential;
        preparation.Put(parentPath, parent with { Creations = creations, ChildCount = parent.ChildCount + 1 });
        preparation.Put(path, new(isEphemeral ? preparation.Client.SessionId : 0, 0, 0, 0, 0, Data?.Length ?? 0, access));
        return Type switch
        {
            OpCode.CreateContainer => (Type, new CreateContainerTransaction(path, Data, access, creations)),
            OpCode.CreateTtl => (Type, new CreateTtlTransaction(path, Data, access, creations, Ttl)),
            _ => (Type, new CreateTransaction(path, Data, access, isEphemeral, creations)),
        };
    }

    private void CheckFlags(Database database)
    {
        var isTtl = Flags is WithTtl or SequentialWithTtl;
        if (Flags is < 0 or > SequentialWithTtl)
        {
            throw new RefusedException(ErrorCode.BadArguments);
        }

        if (isTtl && !database.HasTtl)
        {
            throw new RefusedException(ErrorCode.Unimplemented);
        }

        if (isTtl != (Type == OpCode.CreateTtl) || (isTtl && Ttl is <= 0 or > Owner.LongestTtl))
        {
            throw new RefusedException(ErrorCode.BadArguments);
        }
    }

    /// <summary>Ten characters, and a sign among them once the counter has overflowed.</summary>
    private static string Sequence(int number) => number < 0
        ? string.Create(CultureInfo.InvariantCulture, $"-{-(long)number:D9}")
        : string.Create(CultureInfo.InvariantCulture, $"{number:D10}");
}
