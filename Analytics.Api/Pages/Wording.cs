using System.Globalization;

namespace Analytics.Api.Pages;

/// <summary>Numbers and dates as a person reads them. What can't be computed is a dash.</summary>
internal static class Wording
{
    private const string Missing = "–";

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Counted(long number, string one, string many) => $"{Count(number)} {(number == 1 ? one : many)}";

    public static string Percent(double? percent) => Format(percent, "0.0", " %");

    /// <summary>For a sentence, where nothing stands below it that it must be as long as.</summary>
    public static string PlainPercent(double? percent) => Format(percent, "0.#", " %");

    public static string Points(double? percent) => Format(percent, "0.0", "");

    public static string Coefficient(double? number) => Format(number, "0.00", "").Replace('-', '−');

    public static string Minutes(double? minutes) => Format(minutes, "0.0", " min");

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string DayAndMonth(DateOnly day) => day.ToString("d MMM", CultureInfo.InvariantCulture);

    public static string Month(DateOnly day) => day.ToString("MMM yyyy", CultureInfo.InvariantCulture);

    public static string Sentence(string text) => text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}.";

    private static string Format(double? number, string format, string unit) =>
        number is { } known ? known.ToString(format, CultureInfo.InvariantCulture) + unit : Missing;
}
