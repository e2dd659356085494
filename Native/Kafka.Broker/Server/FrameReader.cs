using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Numerics;

namespace Kafka.Broker.Server;

/// <summary>
/// Reads length-prefixed requests from a socket. Its buffer grows only as bytes arrive, so that a claimed length costs nothing, and what
/// it takes beyond the smallest one comes from the memory that all connections share.
/// </summary>
internal sealed class FrameReader(Socket socket, int maxBytes, RequestMemory memory, TimeProvider time) : IDisposable
{
    private const int SmallBuffer = 16 * 1024;

    /// <summary>Larger buffers are given back after each request, and counted; max.connections bounds the others.</summary>
    private const int KeptBuffer = 128 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _end;
    private int _frame;
    private bool _isReceiving;
    private long _frameStarted = time.GetTimestamp();
    private long _lastByte = time.GetTimestamp();

    /// <summary>True once the first byte of the next request is there.</summary>
    public bool IsInsideFrame => _end > _start;

    /// <summary>What it has of the shared memory, in bytes. Only for <see cref="RequestMemory"/>, under its lock.</summary>
    public int HeldBytes { get; set; }

    /// <summary>Whether it waits for the rest of a request, or for memory to take it in.</summary>
    public bool IsReceiving => Volatile.Read(ref _isReceiving);

    /// <summary>How long the request has been received, without the time in which it waited for memory.</summary>
    private TimeSpan TimeReceiving => time.GetElapsedTime(Volatile.Read(ref _frameStarted));

    /// <summary>How long the client has sent nothing.</summary>
    public TimeSpan SinceLastByte => time.GetElapsedTime(Volatile.Read(ref _lastByte));

    /// <summary>
    /// How long the client has kept the broker waiting: since its last byte, or how far it is behind a rate if that is longer. Not at all while bytes of it are
    /// here that a busy broker has not read.
    /// </summary>
    /// <param name="bytesPerSecond">The rate.</param>
    public TimeSpan KeptWaiting(double bytesPerSecond)
    {
        if (HasUnreadBytes)
        {
            return TimeSpan.Zero;
        }

        var behind = TimeReceiving - TimeSpan.FromSeconds(Math.Max(0, Volatile.Read(ref _end) - _start) / bytesPerSecond);
        return behind > SinceLastByte ? behind : SinceLastByte;
    }

    private bool HasUnreadBytes
    {
        get
        {
            try
            {
                return socket.Available > 0;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return false; // It has just been closed.
            }
        }
    }

    /// <summary>Ends the connection, whatever it waits for.</summary>
    public void Close()
    {
        socket.Dispose();
        memory.Cancel(this);
    }

    /// <summary>Receives the next request, which is <see cref="Frame"/> then; false at the end of the connection, also in the middle of a request.</summary>
    /// <exception cref="InvalidDataException">The length is no length of a request.</exception>
    public async ValueTask<bool> ReadAsync(Action onFirstByte, CancellationToken stop)
    {
        StartFrame();
        Volatile.Write(ref _isReceiving, IsInsideFrame);
        if (!await FillAsync(sizeof(int), onFirstByte, stop))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 8 || length > maxBytes)
        {
            throw new InvalidDataException($"it claims a request of {length} bytes");
        }

        _frame = sizeof(int) + length;
        StartFrame();
        Volatile.Write(ref _isReceiving, true);
        var isWhole = await FillAsync(_frame, null, stop);
        Volatile.Write(ref _isReceiving, false);
        return isWhole;
    }

    /// <summary>The request without its length. Valid until <see cref="Consume"/>.</summary>
    public Memory<byte> Frame => _buffer.AsMemory(_start + sizeof(int), _frame - sizeof(int));

    /// <summary>The request is answered: its bytes are given up.</summary>
    public void Consume()
    {
        _start += _frame;
        _frame = 0;
        var left = _end - _start;
        if (_buffer.Length > KeptBuffer && left <= SmallBuffer)
        {
            var small = ArrayPool<byte>.Shared.Rent(SmallBuffer);
            _buffer.AsSpan(_start, left).CopyTo(small);
            ReturnBuffer();
            _buffer = small;
            (_start, _end) = (0, left);
        }
        else if (left == 0)
        {
            _start = _end = 0;
        }
    }

    private void StartFrame()
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _frameStarted, now);
        Volatile.Write(ref _lastByte, now);
    }

    private async ValueTask<bool> FillAsync(int count, Action? onFirstByte, CancellationToken stop)
    {
        while (_end - _start < count)
        {
            await MakeRoomAsync(count, stop);
            var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), stop);
            if (received == 0)
            {
                return false;
            }

            Volatile.Write(ref _end, _end + received);
            Volatile.Write(ref _lastByte, time.GetTimestamp());
            onFirstByte?.Invoke();
        }

        return true;
    }

    private async ValueTask MakeRoomAsync(int count, CancellationToken stop)
    {
        if (_buffer.Length - _start >= count && _end < _buffer.Length)
        {
            return;
        }

        var held = _end - _start;
        if (held <= _buffer.Length / 2 && count <= _buffer.Length)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Math.Max(count, SmallBuffer), Math.Max(held, SmallBuffer) * 2));
            if (size > KeptBuffer)
            {
                await TakeMemoryAsync(size, stop);
            }

            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }

        (_start, _end) = (0, held);
    }

    private async ValueTask TakeMemoryAsync(int size, CancellationToken stop)
    {
        var asked = time.GetTimestamp();
        await memory.TakeAsync(this, size, stop);
        var now = time.GetTimestamp();
        Volatile.Write(ref _frameStarted, _frameStarted + now - asked);
        Volatile.Write(ref _lastByte, now);
    }

    private void ReturnBuffer()
    {
        var counted = _buffer.Length > KeptBuffer ? _buffer.Length : 0;
        ArrayPool<byte>.Shared.Return(_buffer);
        memory.Return(this, counted);
    }

    public void Dispose()
    {
        ReturnBuffer();
        _buffer = [];
    }
}
