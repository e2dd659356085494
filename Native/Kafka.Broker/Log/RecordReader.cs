using System.Buffers;

namespace Kafka.Broker.Log;

/// <summary>What the broker needs to know of one record.</summary>
internal readonly record struct Record(int OffsetDelta, long TimestampDelta, bool HasKey);

/// <summary>
/// Reads the records of a batch one after the other, without keeping them: of a compressed batch there is never more in memory than
/// one window, however much it unpacks to. Checks the structure of format v2 as Apache's DefaultRecord does.
/// </summary>
internal ref struct RecordReader
{
    /// <summary>What a batch may unpack to: librdkafka's receive.message.max.bytes, so more could not be consumed either.</summary>
    private const long MaxUnpackedBytes = 100_000_000;

    private const int WindowSize = 64 * 1024;

    private readonly Stream? _unpacked;
    private readonly byte[]? _packed;
    private readonly byte[]? _buffer;
    private ReadOnlySpan<byte> _window;

    /// <summary>Bytes of records up to the end of the window.</summary>
    private long _loaded;

    public RecordReader(RecordBatch batch)
    {
        if (batch.Compression == 0)
        {
            _window = batch.Records;
            _loaded = batch.Records.Length;
            return;
        }

        var terminator = Decompression.Terminator(batch.Compression);
        var size = batch.Records.Length + terminator.Length;
        _packed = ArrayPool<byte>.Shared.Rent(size);
        _buffer = ArrayPool<byte>.Shared.Rent(WindowSize);
        batch.Records.CopyTo(_packed);
        terminator.CopyTo(_packed.AsSpan(batch.Records.Length));
        try
        {
            _unpacked = Decompression.Open(batch.Compression, new MemoryStream(_packed, 0, size));
        }
        catch (Exception e) when (e is not InvalidRecordException)
        {
            Dispose();
            throw new InvalidRecordException($"they can't be unpacked ({e.Message})");
        }
    }

    /// <summary>Bytes of records that were read so far.</summary>
    private readonly long Position => _loaded - _window.Length;

    /// <summary>Whether there are more bytes of records.</summary>
    public bool HasMore() => !_window.IsEmpty || Load();

    /// <exception cref="InvalidRecordException">The bytes are no record.</exception>
    public Record Read()
    {
        var length = Varint();
        var end = Position + length;
        Require(length > 0, "a record claims no length");
        Byte(); // the record's attributes: none are defined
        var timestampDelta = Varlong();
        var offsetDelta = Varint();
        var hasKey = SkipBytes(mayBeNull: true, end);
        SkipBytes(mayBeNull: true, end);
        var headers = Varint();
        Require(headers >= 0 && headers <= end - Position, "a record claims an impossible number of headers");
        for (; headers > 0; headers--)
        {
            SkipBytes(mayBeNull: false, end);
            SkipBytes(mayBeNull: true, end);
        }

        Require(Position == end, "a record has another length than it says");
        return new Record(offsetDelta, timestampDelta, hasKey);
    }

    private bool SkipBytes(bool mayBeNull, long end)
    {
        var length = Varint();
        Require(length >= 0 || mayBeNull, "a header has no key");
        Require(length <= end - Position, "a field reaches over the end of its record");
        for (long left = Math.Max(0, length); left > 0;)
        {
            Require(HasMore(), "the records end early");
            var skipped = (int)Math.Min(left, _window.Length);
            _window = _window[skipped..];
            left -= skipped;
        }

        return length >= 0;
    }

    private int Varint()
    {
        var value = Varlong();
        Require(value is >= int.MinValue and <= int.MaxValue, "a number has more than 32 bits");
        return (int)value;
    }

    /// <summary>A zigzag varint, as format v2 uses for every number.</summary>
    private long Varlong()
    {
        ulong raw = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            raw |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)(raw >> 1) ^ -(long)(raw & 1);
            }
        }

        throw new InvalidRecordException("a number has more than ten bytes");
    }

    private byte Byte()
    {
        Require(HasMore(), "the records end early");
        var next = _window[0];
        _window = _window[1..];
        return next;
    }

    private bool Load()
    {
        if (_unpacked is null)
        {
            return false;
        }

        int read;
        try
        {
            read = _unpacked.Read(_buffer!);
        }
        catch (Exception e)
        {
            // Each library has exceptions of its own for bytes that it can't unpack.
            throw new InvalidRecordException($"they can't be unpacked ({e.Message})");
        }

        _window = _buffer.AsSpan(0, read);
        _loaded += read;
        Require(_loaded <= MaxUnpackedBytes, "they unpack to more than 100 MB");
        return read > 0;
    }

    public readonly void Dispose()
    {
        _unpacked?.Dispose();
        foreach (var pooled in (ReadOnlySpan<byte[]?>)[_packed, _buffer])
        {
            if (pooled is not null)
            {
                ArrayPool<byte>.Shared.Return(pooled);
            }
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidRecordException(otherwise);
        }
    }
}

/// <summary>The records of a batch are not what Kafka's format says; the message is the end of a sentence about them.</summary>
internal sealed class InvalidRecordException(string reason) : Exception(reason);
