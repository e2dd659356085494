namespace Kafka.Broker.Server;

/// <summary>
/// The memory of all large requests that are being received or answered (queued.max.request.bytes). One that needs more than is left
/// waits for it, and slow senders pay: while others wait they are closed, since they hold what those could use.
/// </summary>
/// <param name="limit">Bytes of all requests together.</param>
/// <param name="reserve">Bytes of these that one request at a time may use when the rest is taken, enough for the largest: so one always gets on.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestMemory(long limit, long reserve, TimeProvider time)
{
    /// <summary>A sender is slow that sends nothing for so long, or is so far behind the rate.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);

    private const double Rate = 1024 * 1024;

    /// <summary>Nor may a request that is whole wait long for something, such as the other members of its group.</summary>
    private static readonly TimeSpan LongAnswer = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Check = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly HashSet<FrameReader> _holders = [];
    private readonly LinkedList<(FrameReader Reader, int Bytes, TaskCompletionSource Granted)> _waiting = [];
    private FrameReader? _reserveUser;
    private long _used;

    /// <summary>Gives the reader so many more bytes, once they are free.</summary>
    /// <exception cref="OperationCanceledException">The reader was closed meanwhile.</exception>
    public async ValueTask TakeAsync(FrameReader reader, int bytes, CancellationToken stop)
    {
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.AddLast((reader, bytes, granted));
            GrantWaiting();
        }

        while (!granted.Task.IsCompleted)
        {
            CloseSlow();
            await granted.Task.WaitAsync(Check, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }

        await granted.Task;
    }

    /// <summary>Takes back bytes of the reader, for those who wait.</summary>
    public void Return(FrameReader reader, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (_lock)
        {
            _used -= bytes;
            reader.HeldBytes -= bytes;
            if (reader.HeldBytes == 0)
            {
                _holders.Remove(reader);
                _reserveUser = _reserveUser == reader ? null : _reserveUser;
            }

            GrantWaiting();
        }
    }

    /// <summary>The reader is closed: it waits no more.</summary>
    public void Cancel(FrameReader reader)
    {
        lock (_lock)
        {
            if (_waiting.FirstOrDefault(w => w.Reader == reader) is { Granted: { } granted } wait)
            {
                _waiting.Remove(wait);
                granted.TrySetCanceled();
                GrantWaiting();
            }
        }
    }

    /// <summary>
    /// Closes the slow until those who wait have what they lack: first who has kept the broker waiting the longest, so that a client
    /// which a busy machine holds up for a moment does not pay for one that sends nothing.
    /// </summary>
    private void CloseSlow()
    {
        var closed = new List<FrameReader>();
        lock (_lock)
        {
            var lacking = _waiting.Sum(w => (long)w.Bytes) - (limit - reserve - _used);
            foreach (var reader in _holders.Except(_waiting.Select(w => w.Reader)).Where(IsSlow).OrderByDescending(r => r.KeptWaiting(Rate)))
            {
                if (lacking <= 0)
                {
                    break;
                }

                lacking -= reader.HeldBytes;
                closed.Add(reader);
            }
        }

        closed.ForEach(reader => reader.Close());
    }

    private static bool IsSlow(FrameReader reader) => reader.IsReceiving
        ? reader.KeptWaiting(Rate) > Stall
        : reader.SinceLastByte > LongAnswer;

    /// <summary>In the order of arrival; who does not fit waits on, but the first of them has the reserve.</summary>
    private void GrantWaiting()
    {
        for (var node = _waiting.First; node is not null;)
        {
            var (reader, bytes, granted) = node.Value;
            var next = node.Next;
            var fits = _used + bytes <= limit - reserve;
            if (fits || (_reserveUser ?? reader) == reader)
            {
                _reserveUser = fits ? _reserveUser : reader;
                _used += bytes;
                reader.HeldBytes += bytes;
                _holders.Add(reader);
                _waiting.Remove(node);
                granted.TrySetResult();
            }

            node = next;
        }
    }
}
