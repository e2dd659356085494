namespace Kafka.Broker.Server;

/// <summary>
/// The memory of all requests that are being received or answered (queued.max.request.bytes). One that needs more than is left waits
/// for it, and the slowest sender pays: it is closed, since it holds what others could have used.
/// </summary>
internal sealed class RequestMemory(long limit, TimeProvider time)
{
    /// <summary>A sender is not called slow before this time.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    /// <summary>Nor one whose request is whole and waits for something, such as the other members of its group.</summary>
    private static readonly TimeSpan _graceOfAnswer = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<FrameReader> _holders = [];
    private readonly LinkedList<(FrameReader Reader, int Bytes, TaskCompletionSource Granted)> _waiting = [];
    private long _used;

    /// <summary>Gives the reader so many more bytes, once they are free.</summary>
    public async ValueTask TakeAsync(FrameReader reader, int bytes, CancellationToken stop)
    {
        TaskCompletionSource granted;
        lock (_lock)
        {
            if (_waiting.Count == 0 && _used + bytes <= limit)
            {
                Grant(reader, bytes);
                return;
            }

            granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.AddLast((reader, bytes, granted));
        }

        CloseSlowest();
        await granted.Task.WaitAsync(stop);
    }

    /// <summary>Takes back bytes of the reader, for those who wait.</summary>
    public void Return(FrameReader reader, int bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            reader.HeldBytes -= bytes;
            if (reader.HeldBytes == 0)
            {
                _holders.Remove(reader);
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

    /// <summary>If anybody waits for memory, closes the one that has received least in its time; called every second too, since a slow sender shows by time only.</summary>
    public void CloseSlowest()
    {
        FrameReader? slowest;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            slowest = _waiting.Count == 0 ? null
                : _holders.Where(r => time.GetElapsedTime(r.FrameStarted, now) > (r.IsReceiving ? _grace : _graceOfAnswer))
                    .MinBy(r => r.ReceivedBytes / time.GetElapsedTime(r.FrameStarted, now).TotalSeconds);
        }

        slowest?.Close();
    }

    private void Grant(FrameReader reader, int bytes)
    {
        _used += bytes;
        reader.HeldBytes += bytes;
        _holders.Add(reader);
    }

    private void GrantWaiting()
    {
        while (_waiting.First is { Value: var next } && _used + next.Bytes <= limit)
        {
            _waiting.RemoveFirst();
            Grant(next.Reader, next.Bytes);
            next.Granted.TrySetResult();
        }
    }
}
