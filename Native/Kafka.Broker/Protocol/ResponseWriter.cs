using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Kafka.Broker.Files;

namespace Kafka.Broker.Protocol;

/// <summary>
/// Writes one response: Kafka's primitive types into a pooled buffer, and records as slices of segment files that are copied to the
/// socket only when the response is sent.
/// </summary>
internal sealed class ResponseWriter(bool flexible) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _at = sizeof(int);
    private long _sliceBytes;

    /// <summary>Each slice of a file, with the place in the buffer before which it is sent.</summary>
    public List<(int Before, FileSlice Slice)> Slices { get; } = [];

    /// <summary>False for a produce with acks=0, which gets no answer.</summary>
    public bool IsSent { get; set; } = true;

    /// <summary>The whole frame but its slices, its length filled in.</summary>
    public ReadOnlyMemory<byte> Frame()
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer, checked((int)(_at - sizeof(int) + _sliceBytes)));
        return _buffer.AsMemory(0, _at);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _at < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(_at + count)));
            _buffer.AsSpan(0, _at).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var taken = _buffer.AsSpan(_at, count);
        _at += count;
        return taken;
    }

    public void Int8(int value) => Take(1)[0] = (byte)value;

    public void Bool(bool value) => Int8(value ? 1 : 0);

    public void Int16(int value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)value);

    public void Error(ErrorCode value) => Int16((short)value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    public void Uuid(Guid value) => value.TryWriteBytes(Take(16), bigEndian: true, out _);

    public void UnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            Int8((int)(value | 0x80));
            value >>= 7;
        }

        Int8((int)value);
    }

    public void String(string? value)
    {
        if (value is null)
        {
            Length(-1, shortForm: true);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Length(length, shortForm: true);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Array(int length) => Length(length, shortForm: false);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Length(value.Length, shortForm: false);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>Records from a segment file; the slice is released when the response is disposed.</summary>
    public void Records(FileSlice slice)
    {
        Length(slice.Length, shortForm: false);
        if (slice.Length > 0)
        {
            Slices.Add((_at, slice));
            _sliceBytes += slice.Length;
        }
    }

    public void Ints(ReadOnlySpan<int> values)
    {
        Array(values.Length);
        foreach (var value in values)
        {
            Int32(value);
        }
    }

    /// <summary>The end of a structure that has no tagged field set.</summary>
    public void Tags()
    {
        if (flexible)
        {
            Int8(0);
        }
    }

    private void Length(int length, bool shortForm)
    {
        if (flexible)
        {
            UnsignedVarint((uint)(length + 1));
        }
        else if (shortForm)
        {
            Int16(length);
        }
        else
        {
            Int32(length);
        }
    }

    public void Dispose()
    {
        foreach (var (_, slice) in Slices)
        {
            slice.Release();
        }

        Slices.Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
