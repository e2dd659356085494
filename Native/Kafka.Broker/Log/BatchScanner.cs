using System.Buffers;
using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

/// <summary>
/// Walks the batches of a segment file from a position that starts one. Stops before the first bytes that can't be a batch, so that
/// <see cref="Position"/> is then the end of what is whole. Reads headers only, until <see cref="Whole"/> is asked for.
/// </summary>
internal sealed class BatchScanner(LogFile file, long position, long end) : IDisposable
{
    private readonly OpenFile _file = file.Use();
    private byte[] _window = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private long _windowStart;
    private int _windowLength;
    private int _size;

    /// <summary>Where the current batch starts; after the walk, where it ended.</summary>
    public long Position { get; private set; } = position;

    public int Size => _size;

    /// <summary>The header of the current batch.</summary>
    public RecordBatch Current => new(_window.AsSpan((int)(Position - _windowStart), RecordBatch.HeaderSize));

    public bool MoveNext()
    {
        Position += _size;
        _size = 0;
        if (!Load(RecordBatch.HeaderSize))
        {
            return false;
        }

        var batch = Current;
        if (batch.Magic != 2 || batch.Size < RecordBatch.HeaderSize || batch.Size > end - Position || batch.LastOffsetDelta < 0)
        {
            return false;
        }

        _size = (int)batch.Size;
        return true;
    }

    /// <summary>The current batch with its records.</summary>
    public RecordBatch Whole()
    {
        if (!Load(_size))
        {
            throw new EndOfStreamException("a segment file became shorter while it was read");
        }

        return new RecordBatch(_window.AsSpan((int)(Position - _windowStart), _size));
    }

    private bool Load(int count)
    {
        if (count > end - Position)
        {
            return false;
        }

        if (Position >= _windowStart && Position + count <= _windowStart + _windowLength)
        {
            return true;
        }

        if (_window.Length < count)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = ArrayPool<byte>.Shared.Rent(count);
        }

        _windowStart = Position;
        _windowLength = 0;
        var wanted = (int)Math.Min(_window.Length, end - Position);
        while (_windowLength < wanted)
        {
            var read = RandomAccess.Read(_file.Handle, _window.AsSpan(_windowLength, wanted - _windowLength), _windowStart + _windowLength);
            if (read == 0)
            {
                break;
            }

            _windowLength += read;
        }

        return _windowLength >= count;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
        _file.Dispose();
    }
}
