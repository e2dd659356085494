namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>Nanoseconds since 1970, OTLP's clock, which .NET's is a hundredth of.</summary>
internal static class Nanos
{
    private const long PerTick = 100;

    public static long Of(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * PerTick;

    public static DateTimeOffset ToTime(long nanos) =>
        new(Math.Clamp(DateTimeOffset.UnixEpoch.Ticks + (nanos / PerTick), 0, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
}
