using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Attempts;

/// <summary>How long attempts take from started_at to the last option's at, in minutes. What makes no sense is counted apart.</summary>
internal sealed record Durations(
    [property: Description("What is counted: messages or attempts.")] string Count,
    [property: Description("How many have a duration from 0 to under 24 hours; the figures are about these.")] long Measured,
    [property: Description("How many end before they start.")] long Negative,
    [property: Description("How many take 24 hours or more.")] long DayOrMore,
    [property: Description("How many have no plausible start or no time of an answer.")] long Unknown,
    [property: Description("How many state a start that can't be: before 2000, or over a day after the event's own time or after now.")] long ImplausibleStarts,
    [property: Description("The arithmetic mean, exact to the microsecond.")] double? Mean,
    [property: Description("The mean with the negative and the day-long ones included.")] double? MeanOfAll,
    [property: Description("The sample standard deviation, of whole seconds.")] double? StandardDeviation,
    [property: Description("The shortest, in whole seconds.")] double? Minimum,
    [property: Description("The value that 5 % are below; this and the other percentiles are of whole seconds, interpolated as R's type 7.")] double? P5,
    [property: Description("The lower quartile.")] double? P25,
    [property: Description("The median.")] double? Median,
    [property: Description("The upper quartile.")] double? P75,
    [property: Description("The value that 90 % are below.")] double? P90,
    [property: Description("The value that 95 % are below.")] double? P95,
    [property: Description("The value that 99 % are below.")] double? P99,
    [property: Description("The longest, in whole seconds.")] double? Maximum,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null);
