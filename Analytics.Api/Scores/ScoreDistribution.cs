using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Scores;

/// <summary>How scores are distributed, in percent.</summary>
internal sealed record ScoreDistribution(
    [property: Description("What is counted: messages or attempts.")] string Count,
    [property: Description("How many state their counts and so have a score.")] long Scored,
    [property: Description("How many have no score.")] long Unscored,
    [property: Description("How many of these state counts that can't be, as 5 unanswered of 4.")] long ImplausibleCounts,
    [property: Description("The arithmetic mean.")] double? Mean,
    [property: Description("The sample standard deviation, with n − 1 in the denominator.")] double? StandardDeviation,
    [property: Description("The lowest score.")] double? Minimum,
    [property: Description("The lower quartile, interpolated as R's type 7.")] double? LowerQuartile,
    [property: Description("The median.")] double? Median,
    [property: Description("The upper quartile, interpolated as R's type 7.")] double? UpperQuartile,
    [property: Description("The highest score.")] double? Maximum,
    [property: Description("Share in percent, of all that is counted, whose score is over the pass mark.")] double? PassRate,
    [property: Description("The scores in bins of equal width from 0 to 100; a bin has its lower bound, the last one both.")] IReadOnlyList<ScoreBin> Histogram,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null);

/// <summary>A bin of the histogram.</summary>
internal sealed record ScoreBin(
    [property: Description("The lower bound in percent, inclusive.")] double From,
    [property: Description("The upper bound in percent, exclusive but for the last bin.")] double To,
    [property: Description("How many scores are in it.")] long Count);
