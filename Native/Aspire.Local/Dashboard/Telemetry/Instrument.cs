namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>What an instrument's points mean.</summary>
public enum InstrumentKind
{
    /// <summary>A value as it is now.</summary>
    Gauge,

    /// <summary>A total that only grows, shown as a rate.</summary>
    Counter,

    /// <summary>A total that goes up and down, shown as it is.</summary>
    UpDownCounter,

    /// <summary>Values counted by bucket, shown as percentiles.</summary>
    Histogram,
}

/// <summary>What an instrument said at one moment; totals are since the beginning.</summary>
/// <param name="TimeNanos">When, in nanoseconds since 1970.</param>
/// <param name="Value">The value; of a histogram, the sum of its values.</param>
/// <param name="Count">How many values a histogram counted.</param>
/// <param name="Buckets">How many of them each bucket holds, or null.</param>
public readonly record struct MetricPoint(long TimeNanos, double Value, long Count, long[]? Buckets);

/// <summary>One set of attributes of an instrument and its points.</summary>
/// <param name="Attributes">The attributes, empty for the only one.</param>
/// <param name="Points">The points by time.</param>
/// <param name="Bounds">Upper bounds of a histogram's buckets but the last, which has none.</param>
public sealed record Dimension(IReadOnlyList<TelemetryAttribute> Attributes, IReadOnlyList<MetricPoint> Points, double[] Bounds)
{
    /// <summary>The attributes as a person reads them.</summary>
    public string Label => Attributes.Count == 0 ? "all" : string.Join(", ", Attributes.Select(a => $"{a.Key}={a.Value}"));
}

/// <summary>An instrument without its points.</summary>
/// <param name="Resource">Whose it is.</param>
/// <param name="Meter">The meter it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it measures.</param>
/// <param name="Unit">In what unit, in UCUM's notation, such as <c>s</c>, <c>By</c>, <c>{message}</c>.</param>
/// <param name="Kind">What its points mean.</param>
public sealed record Instrument(TelemetryResource Resource, string Meter, string Name, string Description, string Unit, InstrumentKind Kind);
