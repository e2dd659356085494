using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Kafka.Broker.Server;

/// <summary>
/// Reads length-prefixed requests from a socket. Its buffer grows only as bytes arrive, so that a claimed length costs nothing, and
/// large requests are taken a few at a time over all connections.
/// </summary>
internal sealed class FrameReader(Socket socket, int maxBytes, SemaphoreSlim largeFrames) : IDisposable
{
    private const int SmallBuffer = 16 * 1024;
    private const int LargeFrame = 2 * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _end;
    private int _frame;
    private bool _holdsLarge;

    /// <summary>True once the first byte of the next request is there.</summary>
    public bool IsInsideFrame => _end > _start;

    /// <summary>The next request without its length; null at the end of the connection. Valid until <see cref="Consume"/>.</summary>
    /// <exception cref="InvalidDataException">The length is no length of a request.</exception>
    public async ValueTask<Memory<byte>?> ReadAsync(Action onFirstByte, CancellationToken stop)
    {
        if (!await FillAsync(sizeof(int), onFirstByte, stop))
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 8 || length > maxBytes)
        {
            throw new InvalidDataException($"it claims a request of {length} bytes");
        }

        if (length > LargeFrame)
        {
            await largeFrames.WaitAsync(stop);
            _holdsLarge = true;
        }

        _frame = sizeof(int) + length;
        return await FillAsync(_frame, null, stop) ? _buffer.AsMemory(_start + sizeof(int), length) : null;
    }

    /// <summary>The request is answered: its bytes are given up.</summary>
    public void Consume()
    {
        _start += _frame;
        _frame = 0;
        ReleaseLarge();
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > LargeFrame)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
            }
        }
    }

    private async ValueTask<bool> FillAsync(int count, Action? onFirstByte, CancellationToken stop)
    {
        while (_end - _start < count)
        {
            MakeRoom(count);
            int received = await socket.ReceiveAsync(_buffer.AsMemory(_end), stop);
            if (received == 0)
            {
                return false;
            }

            _end += received;
            onFirstByte?.Invoke();
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        if (_buffer.Length - _start >= count && _end < _buffer.Length)
        {
            return;
        }

        int held = _end - _start;
        if (held <= _buffer.Length / 2 && count <= _buffer.Length)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(count, SmallBuffer), Math.Max(held, SmallBuffer) * 2));
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _end) = (0, held);
    }

    private void ReleaseLarge()
    {
        if (_holdsLarge)
        {
            _holdsLarge = false;
            largeFrames.Release();
        }
    }

    public void Dispose()
    {
        ReleaseLarge();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
