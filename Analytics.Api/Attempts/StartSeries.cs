using System.ComponentModel;

namespace Analytics.Api.Attempts;

/// <summary>By what starts can be grouped, as the address names it.</summary>
internal static class Period
{
    public const string Hour = "hour";
    public const string Day = "day";
    public const string Week = "week";
    public const string Month = "month";
    public const string HourOfDay = "hour-of-day";
    public const string Weekday = "weekday";
    public const string Complaint = "Attempts are grouped by hour, day, week, month, hour-of-day or weekday.";
}

/// <summary>How many started in each period.</summary>
internal sealed record StartSeries(
    [property: Description("The kind of period.")] string By,
    [property: Description("The IANA time zone whose clock and calendar is meant.")] string Tz,
    [property: Description("What is counted: messages or attempts.")] string Count,
    [property: Description("Sum of the periods; those without a plausible start are in none.")] long Total,
    [property: Description("How many state a start that can't be: before 2000, over a year after the event's own time, or over a day after it was recorded. "
        + "Whatever the days asked for.")]
    long ImplausibleStarts,
    [property: Description("The periods in order, empty ones included.")] IReadOnlyList<StartCount> Periods);

/// <summary>How many started in one period.</summary>
internal sealed record StartCount(
    [property: Description("2018-01-23T14:00, 2018-01-23, 2018-W04 (ISO 8601), 2018-01, 14, or Tuesday.")] string Period,
    [property: Description("When the period begins, UTC; null of an hour of day or a weekday.")] DateTimeOffset? Start,
    [property: Description("How many started.")] long Count);
