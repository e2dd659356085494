namespace ZooKeeper.Protocol;

/// <summary>What an entry of an access list allows; bits.</summary>
internal static class Permission
{
    public const int Read = 1;
    public const int Write = 2;
    public const int Create = 4;
    public const int Delete = 8;
    public const int Admin = 16;
    public const int All = 31;
}

/// <summary>Who someone is: `world:anyone`, `ip:127.0.0.1`, `digest:user:base64`, `super:`.</summary>
internal sealed record Identity(string Scheme, string Id)
{
    public static Identity Anyone { get; } = new("world", "anyone");
}

/// <summary>An entry of an access list.</summary>
internal sealed record AccessEntry(int Permissions, Identity Identity);

/// <summary>The access list of a node; equal lists are equal.</summary>
internal sealed class AccessList(AccessEntry[] entries) : IEquatable<AccessList>
{
    public static AccessList Open { get; } = new([new(Permission.All, Identity.Anyone)]);

    public static AccessList ReadOnly { get; } = new([new(Permission.Read, Identity.Anyone)]);

    public IReadOnlyList<AccessEntry> Entries => entries;

    public static AccessList Read(ref JuteReader reader)
    {
        var count = reader.Vector(3 * sizeof(int));
        if (count == 0)
        {
            return new([]);
        }

        var entries = new AccessEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = new(reader.Int(), new(reader.String() ?? "", reader.String() ?? ""));
        }

        // Nearly all nodes have this one.
        return entries is [{ Permissions: Permission.All, Identity: { Scheme: "world", Id: "anyone" } }] ? Open : new(entries);
    }

    public void Write(JuteWriter writer)
    {
        writer.Int(entries.Length);
        foreach (var entry in entries)
        {
            writer.Int(entry.Permissions);
            writer.String(entry.Identity.Scheme);
            writer.String(entry.Identity.Id);
        }
    }

    public bool Equals(AccessList? other) => ReferenceEquals(this, other) || (other is not null && entries.AsSpan().SequenceEqual(other.Entries.ToArray()));

    public override bool Equals(object? obj) => Equals(obj as AccessList);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var entry in entries)
        {
            hash.Add(entry);
        }

        return hash.ToHashCode();
    }
}
