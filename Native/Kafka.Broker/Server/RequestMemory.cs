namespace Kafka.Broker.Server;

/// <summary>
/// The memory of all requests that are being received or answered (queued.max.request.bytes). One that needs more than is left waits
/// for it, and the slowest senders pay: they are closed, since they hold what others could have used.
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

    /// <summary>
    /// If anybody waits for memory, closes those that have received least in their time, as many as it takes. Called every second too,
    /// since a slow sender shows by time only.
    /// </summary>
    public void CloseSlowest()
    {
        var slowest = new List<FrameReader>();
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var lacking = _waiting.Sum(w => (long)w.Bytes) - (limit - _used);
            var candidates = _waiting.Select(w => w.Reader).Union(_holders)
                .Where(r => time.GetElapsedTime(r.FrameStarted, now) > (r.IsReceiving ? _grace : _graceOfAnswer))
                .OrderBy(r => r.ReceivedBytes / time.GetElapsedTime(r.FrameStarted, now).TotalSeconds);
            foreach (var reader in candidates)
            {
                if (_waiting.Count == 0 || lacking <= 0)
                {
                    break;
                }

                lacking -= reader.HeldBytes + _waiting.Where(w => w.Reader == reader).Sum(w => (long)w.Bytes);
                slowest.Add(reader);
            }
        }

        slowest.ForEach(reader => reader.Close());
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
