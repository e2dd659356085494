using System.Diagnostics;

namespace ZooKeeper.Clients;

/// <summary>What was asked and how long the answers took, of one client or of all. Counted by several threads.</summary>
internal sealed class Statistics
{
    private long _received;
    private long _sent;
    private long _outstanding;
    private long _answers;
    private long _totalTicks;
    private long _maxTicks;
    private long _minTicks = long.MaxValue;
    private long _lastTicks;

    public long Received => Volatile.Read(ref _received);

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Requests whose answer is not on its way yet.</summary>
    public long Outstanding => Volatile.Read(ref _outstanding);

    public long MinMs => Volatile.Read(ref _answers) == 0 ? 0 : Milliseconds(Volatile.Read(ref _minTicks));

    public long MaxMs => Milliseconds(Volatile.Read(ref _maxTicks));

    public long LastMs => Milliseconds(Volatile.Read(ref _lastTicks));

    public double AverageMs => Volatile.Read(ref _answers) is var count and > 0 ? Volatile.Read(ref _totalTicks) * 1000.0 / Stopwatch.Frequency / count : 0;

    public void OnReceived() => Interlocked.Increment(ref _received);

    public void OnQueued() => Interlocked.Increment(ref _outstanding);

    /// <summary>A packet that answers nothing, or an answer after so many ticks of <see cref="Stopwatch"/>.</summary>
    public void OnSent(long? ticks)
    {
        Interlocked.Increment(ref _sent);
        if (ticks is { } taken)
        {
            Interlocked.Decrement(ref _outstanding);
            Interlocked.Increment(ref _answers);
            Interlocked.Add(ref _totalTicks, taken);
            Volatile.Write(ref _lastTicks, taken);
            Raise(ref _maxTicks, taken);
            Lower(ref _minTicks, taken);
        }
    }

    /// <summary>Answers that will never be sent: their client is gone.</summary>
    public void OnDropped(int answers) => Interlocked.Add(ref _outstanding, -answers);

    public void Reset()
    {
        _received = _sent = _answers = _totalTicks = _maxTicks = _lastTicks = 0;
        _minTicks = long.MaxValue;
    }

    private static void Raise(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private static void Lower(ref long least, long value)
    {
        for (var seen = Volatile.Read(ref least); value < seen; seen = Volatile.Read(ref least))
        {
            Interlocked.CompareExchange(ref least, value, seen);
        }
    }

    private static long Milliseconds(long ticks) => ticks * 1000 / Stopwatch.Frequency;
}
