namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>A line of a chart; a value that is not a number is a gap.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Color">Which of the style sheet's colours it has.</param>
/// <param name="Values">Its values, one for each moment of the chart.</param>
public sealed record ChartLine(string Label, int Color, double[] Values)
{
    /// <summary>The last value that is one.</summary>
    public double Latest => Array.FindLast(Values, double.IsFinite);
}

/// <summary>An instrument's last minutes at evenly spaced moments, as its kind asks for: gauges as they are, counters as a rate, histograms as percentiles.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="StartNanos">The first moment, in nanoseconds since 1970.</param>
/// <param name="EndNanos">The last moment, in nanoseconds since 1970.</param>
/// <param name="Unit">The unit of the values.</param>
public sealed record MetricChart(IReadOnlyList<ChartLine> Lines, long StartNanos, long EndNanos, string Unit)
{
    /// <summary>How many lines one chart can bear.</summary>
    internal const int MaxLines = 8;

    private const int Moments = 60;
    private static readonly (double Share, string Label)[] Percentiles = [(0.5, "p50"), (0.9, "p90"), (0.99, "p99")];

    internal static MetricChart Of(Instrument instrument, Dimension[] dimensions, long now, TimeSpan window)
    {
        // Moments lie on multiples of the step, so that a line does not change its shape as time goes on.
        var step = (long)window.TotalNanoseconds / Moments;
        var end = now / step * step;
        var start = end - (step * Moments);
        long[] moments = [.. Enumerable.Range(0, Moments + 1).Select(i => start + (step * i))];
        var lines = instrument.Kind switch
        {
            InstrumentKind.Histogram => OfHistogram(dimensions, moments),
            InstrumentKind.Counter => [.. dimensions.Take(MaxLines).Select((d, i) => new ChartLine(d.Label, i, Rates(d.Points, moments)))],
            _ => dimensions.Take(MaxLines).Select((d, i) => new ChartLine(d.Label, i, [.. moments.Select(at => ValueAt(d.Points, at, step))])).ToArray(),
        };
        return new(lines, start, end, instrument.Kind == InstrumentKind.Counter ? $"{Plain(instrument.Unit)}/s" : Plain(instrument.Unit));
    }

    private static double[] Rates(IReadOnlyList<MetricPoint> points, long[] moments)
    {
        var rates = new double[moments.Length];
        rates[0] = double.NaN;
        for (var i = 1; i < moments.Length; i++)
        {
            var (before, after) = (TotalAt(points, moments[i - 1]), TotalAt(points, moments[i]));
            // A total that shrank began anew, as after a restart: what it counts then is what was added.
            rates[i] = (after < before ? after : after - before) / ((moments[i] - moments[i - 1]) / 1e9);
        }

        return rates;
    }

    /// <summary>A total at a moment, on the straight line between the points around it; not a number before the first and after the last.</summary>
    private static double TotalAt(IReadOnlyList<MetricPoint> points, long at)
    {
        var next = IndexAfter(points, at);
        if (next == 0 || (next == points.Count && points[^1].TimeNanos < at))
        {
            return double.NaN;
        }

        var left = points[next - 1];
        if (next == points.Count || points[next].Value < left.Value)
        {
            return left.Value;
        }

        var right = points[next];
        return left.Value + ((right.Value - left.Value) * ((double)(at - left.TimeNanos) / (right.TimeNanos - left.TimeNanos)));
    }

    /// <summary>The value last seen, unless the sender has been silent since long before.</summary>
    private static double ValueAt(IReadOnlyList<MetricPoint> points, long at, long step)
    {
        var next = IndexAfter(points, at);
        return next == 0 || (next == points.Count && points[^1].TimeNanos < at - Math.Max(step * 2, 10_000_000_000)) ? double.NaN : points[next - 1].Value;
    }

    private static ChartLine[] OfHistogram(Dimension[] dimensions, long[] moments)
    {
        // Buckets can be added up only where the bounds are the same.
        var bounds = dimensions.FirstOrDefault()?.Bounds ?? [];
        var same = dimensions.Where(d => d.Bounds.AsSpan().SequenceEqual(bounds)).ToArray();
        var values = Percentiles.Select(_ => new double[moments.Length]).ToArray();
        for (var i = 0; i < moments.Length; i++)
        {
            var added = new long[bounds.Length + 1];
            if (i > 0)
            {
                foreach (var dimension in same)
                {
                    Add(added, dimension.Points, moments[i - 1], moments[i]);
                }
            }

            for (var p = 0; p < Percentiles.Length; p++)
            {
                values[p][i] = Percentile(added, bounds, Percentiles[p].Share);
            }
        }

        return [.. Percentiles.Select((p, i) => new ChartLine(p.Label, i, values[i]))];
    }

    /// <summary>Adds what the buckets gained between two moments.</summary>
    private static void Add(long[] added, IReadOnlyList<MetricPoint> points, long from, long to)
    {
        var (first, last) = (IndexAfter(points, from) - 1, IndexAfter(points, to) - 1);
        if (last < 0 || last == first || points[last].Buckets is not { } after)
        {
            return;
        }

        var before = first < 0 || points[first].Count > points[last].Count ? null : points[first].Buckets;
        for (var i = 0; i < Math.Min(added.Length, after.Length); i++)
        {
            added[i] += after[i] - (before?[i] ?? 0);
        }
    }

    /// <summary>The value that a share of the counted values do not exceed, on a straight line through the bucket it lies in; the last bucket, open above, gives its lower bound.</summary>
    private static double Percentile(long[] counts, double[] bounds, double share)
    {
        var total = counts.Sum();
        if (total <= 0 || bounds.Length == 0)
        {
            return double.NaN;
        }

        var rank = share * total;
        for (var i = 0; i < bounds.Length; i++)
        {
            if (rank <= counts[i])
            {
                var lower = i == 0 ? Math.Min(0, bounds[0]) : bounds[i - 1];
                return lower + ((bounds[i] - lower) * (rank / counts[i]));
            }

            rank -= counts[i];
        }

        return bounds[^1];
    }

    private static int IndexAfter(IReadOnlyList<MetricPoint> points, long at)
    {
        var (low, high) = (0, points.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = points[middle].TimeNanos <= at ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>UCUM's {messages} reads "messages", By reads "bytes".</summary>
    private static string Plain(string unit) => unit switch
    {
        "By" => "bytes",
        "1" => "",
        _ => unit.Trim('{', '}'),
    };
}
