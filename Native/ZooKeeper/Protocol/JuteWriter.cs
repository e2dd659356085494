using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ZooKeeper.Protocol;

/// <summary>Writes jute, see <see cref="JuteReader"/>, into a pooled buffer that grows.</summary>
internal sealed class JuteWriter(int capacity = 256) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public int Capacity => _buffer.Length;

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    public void Byte(byte value) => Claim(1)[0] = value;

    public void Bool(bool value) => Claim(1)[0] = value ? (byte)1 : (byte)0;

    public void Int(int value) => BinaryPrimitives.WriteInt32BigEndian(Claim(sizeof(int)), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Claim(sizeof(long)), value);

    public void String(string? value)
    {
        if (value is null)
        {
            Int(-1);
            return;
        }

        var count = Encoding.UTF8.GetByteCount(value);
        Int(count);
        Encoding.UTF8.GetBytes(value, Claim(count));
    }

    public void Buffer(byte[]? value)
    {
        Int(value?.Length ?? -1);
        Bytes(value);
    }

    /// <summary>Bytes as they are, without their length.</summary>
    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Claim(value.Length));

    public void Strings(IReadOnlyCollection<string> values)
    {
        Int(values.Count);
        foreach (var value in values)
        {
            String(value);
        }
    }

    public void PatchInt(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at), value);

    public void PatchLong(int at, long value) => BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(at), value);

    /// <summary>Forgets what comes after the first bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Forgets the first bytes, and moves what comes after them to the front.</summary>
    public void DropFirst(int count)
    {
        Length -= count;
        _buffer.AsSpan(count, Length).CopyTo(_buffer);
    }

    /// <summary>Empties it; a buffer that has grown beyond the given size goes back to the pool.</summary>
    public void Clear(int keptCapacity)
    {
        Length = 0;
        if (_buffer.Length > keptCapacity)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    private Span<byte> Claim(int count)
    {
        if (_buffer.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, _buffer.Length * 2));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var claimed = _buffer.AsSpan(Length, count);
        Length += count;
        return claimed;
    }
}
