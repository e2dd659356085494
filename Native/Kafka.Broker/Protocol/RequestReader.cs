using System.Buffers.Binary;
using System.Text;

namespace Kafka.Broker.Protocol;

/// <summary>A request that does not follow the protocol: the connection that sent it is closed, nothing else.</summary>
internal sealed class MalformedRequestException(string reason) : Exception(reason);

/// <summary>
/// Reads Kafka's primitive types, big-endian, from one request. In flexible versions (KIP-482) strings, arrays and bytes carry an
/// unsigned varint of length + 1, and every structure ends in tagged fields.
/// </summary>
internal ref struct RequestReader(Span<byte> bytes, bool flexible)
{
    private readonly Span<byte> _bytes = bytes;
    private int _at;

    public readonly int Remaining => _bytes.Length - _at;

    private Span<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw new MalformedRequestException("the request ends early");
        }

        var taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    public sbyte Int8() => (sbyte)Take(1)[0];

    public bool Bool() => Take(1)[0] != 0;

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public Guid Uuid() => new(Take(16), bigEndian: true);

    public uint UnsignedVarint()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1)[0];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new MalformedRequestException("a varint is longer than five bytes");
    }

    public string String() => NullableString() ?? throw new MalformedRequestException("a string is null that may not be");

    public string? NullableString()
    {
        var length = flexible ? CompactLength() : Int16();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>The number of elements that follow; -1 is a null array. Never more than the request has bytes left.</summary>
    public int ArrayLength()
    {
        var length = flexible ? CompactLength() : Int32();
        return length <= Remaining ? length : throw new MalformedRequestException("an array claims more elements than the request has bytes");
    }

    /// <summary>Bytes or records; null reads as empty.</summary>
    public Span<byte> Bytes()
    {
        var length = flexible ? CompactLength() : Int32();
        return length < 0 ? default : Take(length);
    }

    /// <summary>The tagged fields at the end of a structure: none that the broker acts on.</summary>
    public void Tags()
    {
        if (!flexible)
        {
            return;
        }

        for (var left = UnsignedVarint(); left > 0; left--)
        {
            UnsignedVarint();
            Take(checked((int)Math.Min(UnsignedVarint(), int.MaxValue)));
        }
    }

    private int CompactLength()
    {
        var lengthAndOne = UnsignedVarint();
        return lengthAndOne <= int.MaxValue ? (int)lengthAndOne - 1 : throw new MalformedRequestException("a length is over 2 GiB");
    }
}
