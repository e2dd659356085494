using ZooKeeper.Clients;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Operations;

/// <summary>setACL (7).</summary>
internal sealed record SetAclRequest(string Path, AccessList Access, int Version) : WriteRequest(OpCode.SetAcl)
{
    public static SetAclRequest Read(ref JuteReader reader) => new(reader.Text(), AccessList.Read(ref reader), reader.Int());

    public override (OpCode Type, Transaction Change) Prepare(Preparation preparation)
    {
        Paths.Validate(Path);
        var access = Clients.Access.Resolve(Access, preparation.Client.Identities);
        var node = preparation.Get(Path);
        preparation.CheckAccess(node, Permission.Admin);
        var version = Preparation.NextVersion(node.Aversion, Version);
        preparation.Put(Path, node with { Aversion = version, Access = access });
        return (Type, new SetAclTransaction(Path, access, version));
    }
}

/// <summary>getACL (6) and auth (100). Not implemented: the schemes sasl and x509.</summary>
internal static class Acls
{
    /// <summary>Who may read but not administrate does not see the hashes of passwords.</summary>
    public static ErrorCode Get(Database database, Client client, ref JuteReader reader, JuteWriter answer)
    {
        if (database.Tree.Find(reader.Text()) is not { } node)
        {
            return ErrorCode.NoNode;
        }

        var access = node.Access.List;
        if (!Access.Allows(access, Permission.Read | Permission.Admin, client.Identities))
        {
            return ErrorCode.NoAuth;
        }

        if (!Access.Allows(access, Permission.Admin, client.Identities))
        {
            access = new([.. access.Entries.Select(WithoutHash)]);
        }

        access.Write(answer);
        node.Stat.Write(answer);
        return ErrorCode.Ok;
    }

    /// <summary>Says who the client is, from now on, on this connection.</summary>
    public static ErrorCode Authenticate(Database database, Client client, ref JuteReader reader)
    {
        reader.Int(); // a type that says nothing
        var scheme = reader.String();
        var secret = reader.Buffer() ?? [];
        switch (scheme)
        {
            case "ip":
                return ErrorCode.Ok;
            case "digest":
                var identity = Access.Digest(secret);
                var isSuper = database.SuperDigest.Length > 0 && identity.Id == database.SuperDigest;
                return client.AddIdentity(identity) && (!isSuper || client.AddIdentity(new("super", ""))) ? ErrorCode.Ok : ErrorCode.AuthFailed;
            default:
                return ErrorCode.AuthFailed;
        }
    }

    private static AccessEntry WithoutHash(AccessEntry entry) => entry.Identity is { Scheme: "digest", Id: var id } && id.Contains(':')
        ? entry with { Identity = new("digest", id[..id.IndexOf(':', StringComparison.Ordinal)] + ":x") }
        : entry;
}
