using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Comparisons;

/// <summary>Courses beside each other.</summary>
internal sealed record CourseComparison(
    [property: Description("A row for each figure and course, figure by figure, the courses in the order in which they were named. Each interval is by "
        + "itself: of many, some differ by chance.")]
    IReadOnlyList<ComparedFigure> Figures);

/// <summary>A figure of one course, and how it differs from the first course's.</summary>
internal sealed record ComparedFigure(
    [property: Description("Which figure: meanScore, passRate, minutes, completionRate or facility.")] string Figure,
    [property: Description("Its unit: percent or minutes.")] string Unit,
    [property: Description("The course's slug.")] string Slug,
    [property: Description("The course's name.")] string Course,
    [property: Description("How many attempts the figure is over; of facility, how many questions.")] long Count,
    [property: Description("The figure; null where it can't be computed.")] double? Value,
    [property: Description("The figure less the first course's, in points of the unit; null of the first.")] double? Difference,
    [property: Description("Lower bound of the difference with a confidence of 95 %.")] double? Low,
    [property: Description("Upper bound of it: where both are on one side of 0, the difference is hardly chance.")] double? High,
    [property: Description("How the bounds are made: Welch (means, whatever the variances) or Newcombe (shares, his method 10).")] string Method,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull),
        Description("Why there is no interval; null of the first course too.")] string? Reason = null);
