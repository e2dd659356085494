namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>The points of the last minutes, by instrument and attributes.</summary>
internal sealed class MetricStore(TelemetryLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TelemetryResource Resource, string Meter, string Name), Series> _instruments = [];
    private long _added;

    /// <summary>How many points ever came; changes with every one.</summary>
    public long Version => Volatile.Read(ref _added);

    /// <summary>Adds one point; false if there is no room for its instrument or attributes. A total says by <paramref name="startNanos"/> when it was zero.</summary>
    public bool Add(Instrument instrument, TelemetryAttribute[] attributes, MetricPoint point, double[] bounds, long startNanos, bool isDelta)
    {
        var oldest = Nanos.Of(time.GetUtcNow() - limits.MetricAge);
        lock (_gate)
        {
            var key = (instrument.Resource, instrument.Meter, instrument.Name);
            if (!_instruments.TryGetValue(key, out var series))
            {
                if (_instruments.Count >= limits.MaxInstrumentCount && !RemoveStale(_instruments, entry => entry.IsOlderThan(oldest)))
                {
                    return false;
                }

                _instruments.Add(key, series = new(instrument));
            }

            var dimension = string.Join('\n', attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}\t{a.Value}"));
            if (!series.Dimensions.TryGetValue(dimension, out var points))
            {
                if (series.Dimensions.Count >= limits.MaxDimensionsPerInstrument && !RemoveStale(series.Dimensions, entry => entry.IsOlderThan(oldest)))
                {
                    return false;
                }

                series.Dimensions.Add(dimension, points = new(attributes));
            }

            points.Add(point, bounds, startNanos, isDelta, oldest);
            _added++;
            return true;
        }
    }

    /// <summary>All instruments, by meter and name.</summary>
    public Instrument[] Instruments()
    {
        lock (_gate)
        {
            return [.. _instruments.Values.Select(series => series.Instrument).OrderBy(i => i.Meter, StringComparer.Ordinal).ThenBy(i => i.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The points of an instrument.</summary>
    public Dimension[] Dimensions(Instrument instrument)
    {
        lock (_gate)
        {
            return _instruments.TryGetValue((instrument.Resource, instrument.Meter, instrument.Name), out var series)
                ? [.. series.Dimensions.Values.Select(points => points.Snapshot())]
                : [];
        }
    }

    private static bool RemoveStale<TKey, TValue>(Dictionary<TKey, TValue> entries, Func<TValue, bool> isStale)
        where TKey : notnull
    {
        var before = entries.Count;
        foreach (var (key, _) in entries.Where(entry => isStale(entry.Value)).ToArray())
        {
            entries.Remove(key);
        }

        return entries.Count < before;
    }

    private sealed class Series(Instrument instrument)
    {
        public Instrument Instrument { get; } = instrument;

        public Dictionary<string, PointList> Dimensions { get; } = [];

        public bool IsOlderThan(long nanos) => Dimensions.Values.All(points => points.IsOlderThan(nanos));
    }

    /// <summary>The points of one set of attributes. Of a run of equal values only the first and the last are kept: most instruments rest most of the time.</summary>
    private sealed class PointList(TelemetryAttribute[] attributes)
    {
        /// <summary>A point each second for a quarter of an hour, and some; a sender that is faster is cut off at the old end.</summary>
        private const int MaxPoints = 1_000;

        private readonly List<MetricPoint> _points = [];
        private double[] _bounds = [];

        public bool IsOlderThan(long nanos) => _points.Count == 0 || _points[^1].TimeNanos < nanos;

        public void Add(MetricPoint point, double[] bounds, long startNanos, bool isDelta, long oldest)
        {
            if (!_bounds.AsSpan().SequenceEqual(bounds))
            {
                _points.Clear();
                _bounds = bounds;
            }

            if (_points.Count > 0 && point.TimeNanos <= _points[^1].TimeNanos)
            {
                return;
            }

            // What was counted before the first point came, as by a process that lives for a second only, belongs to its rate as well.
            if (_points.Count == 0 && startNanos >= oldest && startNanos < point.TimeNanos)
            {
                _points.Add(new(startNanos, 0, 0, point.Buckets is null ? null : new long[point.Buckets.Length]));
            }

            if (isDelta && _points.Count > 0)
            {
                var last = _points[^1];
                point = point with { Value = last.Value + point.Value, Count = last.Count + point.Count, Buckets = Sum(last.Buckets, point.Buckets) };
            }

            if (_points.Count > 1 && Same(_points[^1], point) && Same(_points[^2], point))
            {
                _points[^1] = point;
            }
            else
            {
                _points.Add(point);
            }

            // In larger steps, since a list moves all that remains.
            if (_points.Count > MaxPoints || (_points.Count % 64 == 0 && _points[0].TimeNanos < oldest))
            {
                var keep = _points.FindIndex(p => p.TimeNanos >= oldest);
                _points.RemoveRange(0, Math.Max(keep < 0 ? _points.Count - 1 : keep, _points.Count - (MaxPoints * 9 / 10)));
            }
        }

        public Dimension Snapshot() => new(attributes, [.. _points], _bounds);

        private static bool Same(in MetricPoint a, in MetricPoint b) => a.Value.Equals(b.Value) && a.Count == b.Count;

        private static long[]? Sum(long[]? a, long[]? b) => a is null || b is null ? b : [.. a.Zip(b, (x, y) => x + y)];
    }
}
