using System.Globalization;
using Aspire.Local.Dashboard.Telemetry;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>Times, durations and numbers as people read them, in the machine's own time zone.</summary>
internal static class Format
{
    public static string Time(long nanos) => Nanos.ToTime(nanos).ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string DateAndTime(long nanos) => Nanos.ToTime(nanos).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff zzz", CultureInfo.InvariantCulture);

    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static string Machine(long nanos) => Machine(Nanos.ToTime(nanos));

    /// <summary>The two largest units that matter: 1.25 ms, 3.4 s, 2 m 5 s.</summary>
    public static string Duration(long nanos) => nanos switch
    {
        < 1_000 => $"{nanos} ns",
        < 1_000_000 => Invariant(nanos / 1e3, "µs"),
        < 1_000_000_000 => Invariant(nanos / 1e6, "ms"),
        < 60_000_000_000 => Invariant(nanos / 1e9, "s"),
        < 3_600_000_000_000 => $"{nanos / 60_000_000_000} m {nanos / 1_000_000_000 % 60} s",
        _ => $"{nanos / 3_600_000_000_000} h {nanos / 60_000_000_000 % 60} m",
    };

    /// <summary>A number with a thousand's letter, for an axis or a legend.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        double.NaN => "–",
        >= 1e12 => Short(value / 1e12) + "T",
        >= 1e9 => Short(value / 1e9) + "G",
        >= 1e6 => Short(value / 1e6) + "M",
        >= 1e4 => Short(value / 1e3) + "k",
        < 1e-3 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        _ => Short(value),
    };

    public static string ShortId(string id) => id.Length > 7 ? id[..7] : id;

    public static string Count(int count, string one, string many) => $"{count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? one : many)}";

    /// <summary>A number as CSS and SVG take it.</summary>
    public static string Css(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture);

    private static string Invariant(double value, string unit) => $"{value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture)} {unit}";
}
