using System.Buffers.Binary;
using System.Text;

namespace ZooKeeper.Protocol;

/// <summary>
/// Reads jute, the encoding of ZooKeeper's records: big-endian numbers, and lengths of four bytes before strings (UTF-8), buffers and
/// vectors, with -1 for null. It allocates only what is there.
/// </summary>
internal ref struct JuteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Take(1)[0] != 0;

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public string? String()
    {
        var length = Int();
        return length == -1 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>A string that may not be null.</summary>
    public string Text() => String() ?? throw new MalformedException("a string is missing");

    public byte[]? Buffer()
    {
        var length = Int();
        return length switch
        {
            -1 => null,
            0 => [],
            _ => Take(length).ToArray(),
        };
    }

    /// <summary>The number of elements, none for null too. An element has at least so many bytes.</summary>
    public int Vector(int elementBytes)
    {
        var count = Int();
        if (count == -1)
        {
            return 0;
        }

        return count >= 0 && (long)count * elementBytes <= _rest.Length
            ? count
            : throw new MalformedException($"a vector claims {count} elements");
    }

    public string[] Strings()
    {
        var strings = new string[Vector(sizeof(int))];
        for (var i = 0; i < strings.Length; i++)
        {
            strings[i] = Text();
        }

        return strings;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            throw new MalformedException($"{count} bytes are claimed where {_rest.Length} are left");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
