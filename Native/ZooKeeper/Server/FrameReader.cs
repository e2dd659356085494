using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace ZooKeeper.Server;

/// <summary>
/// Reads length-prefixed packets from a socket. Its buffer grows only as bytes arrive, so that a claimed length costs nothing, and what
/// it takes beyond the smallest one is counted.
/// </summary>
internal sealed class FrameReader(Socket socket, int mostBytes, RequestMemory memory) : IDisposable
{
    private const int SmallBuffer = 4 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _counted;
    private int _start;
    private int _end;

    /// <summary>Bytes that are there and not taken yet.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Receives some more bytes; false at the end of the connection.</summary>
    /// <exception cref="InvalidDataException">There is no memory for the packet.</exception>
    public async ValueTask<bool> ReceiveAsync(CancellationToken stop)
    {
        MakeRoom();
        var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), stop);
        _end += received;
        return received > 0;
    }

    /// <summary>Takes the next packet, without its length, if it is whole. It is valid until more is received.</summary>
    /// <exception cref="InvalidDataException">The length is no length of a packet.</exception>
    public bool TryTake(out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (_end - _start < sizeof(int))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 0 || length > mostBytes)
        {
            throw new InvalidDataException($"it claims a packet of {length} bytes, and {mostBytes} are the most (jute.maxbuffer)");
        }

        if (_end - _start < sizeof(int) + length)
        {
            return false;
        }

        packet = _buffer.AsSpan(_start + sizeof(int), length);
        _start += sizeof(int) + length;
        return true;
    }

    public void Dispose() => Replace([]);

    private void MakeRoom()
    {
        var held = _end - _start;
        if (held == 0)
        {
            (_start, _end) = (0, 0);
            if (_buffer.Length > SmallBuffer)
            {
                Replace(ArrayPool<byte>.Shared.Rent(SmallBuffer));
            }

            return;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_start >= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var size = _buffer.Length * 2;
            if (!memory.TryTake(size))
            {
                throw new InvalidDataException("the requests that are being received have all memory that they may have (largeRequestMaxBytes)");
            }

            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            Replace(larger);
            _counted = size;
        }

        (_start, _end) = (0, held);
    }

    private void Replace(byte[] buffer)
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        memory.Return(_counted);
        (_buffer, _counted) = (buffer, 0);
    }
}
