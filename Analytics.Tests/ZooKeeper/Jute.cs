using System.Buffers.Binary;
using System.Text;

namespace Analytics.Tests.ZooKeeper;

/// <summary>ZooKeeper's encoding, written anew for the tests: what they send is not what the server itself would write.</summary>
internal sealed class JuteOut
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public JuteOut Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public JuteOut Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public JuteOut Bool(bool value)
    {
        _bytes.Add(value ? (byte)1 : (byte)0);
        return this;
    }

    public JuteOut Buffer(byte[]? value)
    {
        Int(value?.Length ?? -1);
        _bytes.AddRange(value ?? []);
        return this;
    }

    public JuteOut Text(string? value) => Buffer(value is null ? null : Encoding.UTF8.GetBytes(value));

    public JuteOut Texts(params string[] values)
    {
        Int(values.Length);
        foreach (var value in values)
        {
            Text(value);
        }

        return this;
    }

    public JuteOut Acl(Acl[]? entries)
    {
        Int(entries?.Length ?? -1);
        foreach (var entry in entries ?? [])
        {
            Int(entry.Permissions).Text(entry.Scheme).Text(entry.Id);
        }

        return this;
    }

    public JuteOut Raw(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}

/// <summary>An entry of an access list.</summary>
public sealed record Acl(int Permissions, string? Scheme, string? Id)
{
    public static Acl[] Open { get; } = [new(31, "world", "anyone")];
}

internal sealed class JuteIn(byte[] bytes)
{
    private int _at;

    public bool IsAtEnd => _at == bytes.Length;

    public int Int()
    {
        _at += 4;
        return BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(_at - 4));
    }

    public long Long()
    {
        _at += 8;
        return BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(_at - 8));
    }

    public bool Bool() => bytes[_at++] != 0;

    public byte[]? Buffer()
    {
        var length = Int();
        if (length < 0)
        {
            return null;
        }

        _at += length;
        return bytes[(_at - length).._at];
    }

    public string? Text() => Buffer() is { } text ? Encoding.UTF8.GetString(text) : null;

    public string?[] Texts() => [.. Enumerable.Range(0, Math.Max(0, Int())).Select(_ => Text())];

    public Acl[] Acls() => [.. Enumerable.Range(0, Math.Max(0, Int())).Select(_ => new Acl(Int(), Text(), Text()))];

    public Stat Stat() => new(Long(), Long(), Long(), Long(), Int(), Int(), Int(), Long(), Int(), Int(), Long());
}

/// <summary>What a server tells of a node.</summary>
public sealed record Stat(
    long Czxid, long Mzxid, long Ctime, long Mtime, int Version, int Cversion, int Aversion, long EphemeralOwner, int DataLength, int NumChildren, long Pzxid);
