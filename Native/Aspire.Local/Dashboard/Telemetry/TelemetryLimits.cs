namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>How much telemetry is kept; the oldest goes first. Configuration keys are <c>Dashboard:TelemetryLimits:*</c>.</summary>
internal sealed record TelemetryLimits
{
    public int MaxLogCount { get; init; } = 10_000;

    public int MaxTraceCount { get; init; } = 10_000;

    /// <summary>Of one trace; more are counted, not kept.</summary>
    public int MaxSpansPerTrace { get; init; } = 1_000;

    /// <summary>Of all traces together.</summary>
    public int MaxSpanCount { get; init; } = 100_000;

    public int MaxResourceCount { get; init; } = 500;

    public int MaxInstrumentCount { get; init; } = 2_000;

    public int MaxDimensionsPerInstrument { get; init; } = 100;

    public TimeSpan MetricAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <exception cref="FormatException">A limit is less than one.</exception>
    public static TelemetryLimits Read(IConfiguration configuration)
    {
        var limits = configuration.GetSection("Dashboard:TelemetryLimits").Get<TelemetryLimits>() ?? new();
        return Math.Min(Math.Min(Math.Min(limits.MaxLogCount, limits.MaxTraceCount), Math.Min(limits.MaxSpansPerTrace, limits.MaxSpanCount)),
            Math.Min(limits.MaxResourceCount, Math.Min(limits.MaxInstrumentCount, limits.MaxDimensionsPerInstrument))) >= 1 && limits.MetricAge > TimeSpan.Zero
            ? limits
            : throw new FormatException("A limit under Dashboard:TelemetryLimits is less than one: give positive numbers, or leave them out.");
    }
}
