namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>The newest logs, in a ring.</summary>
internal sealed class LogStore(TelemetryLimits limits)
{
    private readonly Lock _gate = new();
    private readonly LogEntry[] _ring = new LogEntry[limits.MaxLogCount];
    private long _added;

    /// <summary>How many logs ever came; changes with every one.</summary>
    public long Version => Volatile.Read(ref _added);

    public void Add(IReadOnlyList<LogEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                _ring[_added % _ring.Length] = entry;
                entry.Sequence = ++_added;
            }
        }
    }

    /// <summary>The logs that came after the one numbered <paramref name="sequence"/>, in the order they came.</summary>
    public LogEntry[] Since(long sequence)
    {
        lock (_gate)
        {
            var first = Math.Max(sequence, Math.Max(0, _added - _ring.Length));
            var entries = new LogEntry[Math.Max(0, _added - first)];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = _ring[(first + i) % _ring.Length];
            }

            return entries;
        }
    }
}
