using System.Diagnostics;
using System.Net.Sockets;
using ZooKeeper.Protocol;

namespace ZooKeeper.Clients;

/// <summary>
/// What a client is to be sent, in order. A packet waits for the transaction that it shows to be on the disk, and all behind it wait too.
/// Whoever finds something to send sends it; nobody waits for a slow client.
/// </summary>
internal sealed class Outbox(Socket socket, int mostUnsent, Statistics all, Statistics own) : IDisposable
{
    private const int KeptBuffer = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<(long End, long Zxid, long Started, OpCode Type)> _packets = new();
    private JuteWriter _pending = new();
    private JuteWriter _sending = new();
    private long _appended;
    private long _taken;
    private long _durableZxid;
    private bool _isSending;
    private bool _isClosing;
    private bool _isClosed;
    private (int Bytes, TaskCompletionSource Reached)? _room;

    /// <summary>Told how long each answer took, in ticks of <see cref="Stopwatch"/>.</summary>
    public Action<OpCode, long>? OnAnswered { get; init; }

    /// <summary>Bytes that the client has not taken.</summary>
    public int Unsent => _pending.Length + _sending.Length;

    /// <summary>Adds a packet.</summary>
    /// <param name="packet">The packet with its length.</param>
    /// <param name="zxid">The transaction that has to be on the disk before it is sent.</param>
    /// <param name="started">When its request came, in ticks of <see cref="Stopwatch"/>; 0 for an event.</param>
    /// <param name="type">What it answers.</param>
    public void Append(ReadOnlySpan<byte> packet, long zxid, long started, OpCode type)
    {
        lock (_lock)
        {
            if (_isClosed || _isClosing)
            {
                return;
            }

            if (started == 0 && Unsent + packet.Length > mostUnsent)
            {
                // It takes no events: it will have to connect again, and is told then what it missed.
                CloseNow();
                return;
            }

            _pending.Bytes(packet);
            _appended += packet.Length;
            _packets.Enqueue((_appended, zxid, started, type));
            if (started != 0)
            {
                all.OnQueued();
                own.OnQueued();
            }
        }
    }

    /// <summary>Sends what may be sent; returns at once.</summary>
    public void Send(long durableZxid)
    {
        lock (_lock)
        {
            _durableZxid = Math.Max(_durableZxid, durableZxid);
            if (_isClosed || _isSending || !Take())
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();

        async Task SendAsync()
        {
            try
            {
                do
                {
                    for (var rest = _sending.Memory; rest.Length > 0;)
                    {
                        rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
                    }
                }
                while (TakeNext());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                lock (_lock)
                {
                    _isSending = false;
                    CloseNow();
                }
            }
        }
    }

    /// <summary>Waits until no more than so many bytes are unsent, or the client is gone.</summary>
    public Task UntilUnsentAsync(int bytes)
    {
        lock (_lock)
        {
            if (Unsent <= bytes || _isClosed)
            {
                return Task.CompletedTask;
            }

            _room = (bytes, new(TaskCreationOptions.RunContinuationsAsynchronously));
            return _room.Value.Reached.Task;
        }
    }

    /// <summary>Takes nothing more, and closes the connection when everything is sent.</summary>
    public void CloseWhenSent()
    {
        lock (_lock)
        {
            _isClosing = true;
            if (Unsent == 0 && !_isSending)
            {
                CloseNow();
            }
        }
    }

    /// <summary>The client is gone.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            CloseNow();
        }
    }

    private bool Take()
    {
        var end = _taken;
        var now = 0L;
        while (_packets.TryPeek(out var packet) && packet.Zxid <= _durableZxid)
        {
            _packets.Dequeue();
            end = packet.End;
            long? ticks = packet.Started == 0 ? null : (now = now == 0 ? Stopwatch.GetTimestamp() : now) - packet.Started;
            all.OnSent(ticks);
            own.OnSent(ticks);
            if (ticks is { } taken)
            {
                OnAnswered?.Invoke(packet.Type, taken);
            }
        }

        var count = (int)(end - _taken);
        _taken = end;
        if (count == 0)
        {
            return false;
        }

        if (count == _pending.Length)
        {
            (_pending, _sending) = (_sending, _pending);
        }
        else
        {
            _sending.Bytes(_pending.Span[..count]);
            _pending.DropFirst(count);
        }

        return true;
    }

    private bool TakeNext()
    {
        lock (_lock)
        {
            _sending.Clear(KeptBuffer);
            if (!_isClosed && Take())
            {
                return true;
            }

            _isSending = false;
            if (_isClosing && Unsent == 0)
            {
                CloseNow();
            }

            if (_room is { } room && (Unsent <= room.Bytes || _isClosed))
            {
                _room = null;
                room.Reached.SetResult();
            }

            return false;
        }
    }

    private void CloseNow()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            var lost = _packets.Count(packet => packet.Started != 0);
            all.OnDropped(lost);
            own.OnDropped(lost);
            _packets.Clear();
            _pending.Clear(0);
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // It is gone already.
            }
            catch (ObjectDisposedException)
            {
                // It is gone already.
            }

            socket.Dispose();
        }

        _room?.Reached.TrySetResult();
        _room = null;
    }
}
