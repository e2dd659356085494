using Analytics.Api.Attempts;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Questions;
using Analytics.Api.Scores;
using Statistics;

namespace Analytics.Api.Comparisons;

/// <summary>Compares courses by figures that each has an address of its own for, made by the same queries.</summary>
internal static class ComparisonQuery
{
    public const int MostCourses = 4;

    private const string Welch = "Welch";
    private const string Newcombe = "Newcombe";
    private const string TooFew = "Each of the two courses needs two values that are not all the same.";
    private const string Nothing = "One of the two courses has nothing that this is a share of.";

    /// <summary>Reads two to four courses over the attempts that the filter leaves of each.</summary>
    /// <returns>The comparison, or a sentence if a course is not there.</returns>
    public static async Task<(CourseComparison? Comparison, string? Unknown)> ReadAsync(
        HttpContext context, ActivityDatabase database, IReadOnlyList<string> slugs, Filter filter, CancellationToken cancellationToken)
    {
        var parts = slugs.Select(slug => filter with { Course = slug }).Select(of => (
            Known: Known.Check(of), Course: CourseQuery.One(of), Scores: ScoreQuery.Of(of, Counting.Attempts, bins: 1),
            Durations: DurationQuery.Of(of, Counting.Attempts), Questions: QuestionQuery.Of(of))).ToArray();
        await using var reader = await database.QueryAsync(
            context, [.. parts.SelectMany(part => (Query[])[part.Known, part.Course, part.Scores, part.Durations, part.Questions])], cancellationToken);
        var compared = new List<Compared>();
        foreach (var part in parts)
        {
            if (await part.Known.ReadAsync(reader, cancellationToken) is { } unknown)
            {
                return (null, unknown);
            }

            compared.Add(new Compared(
                (await part.Course.ReadAsync(reader, cancellationToken))!, await part.Scores.ReadAsync(reader, cancellationToken),
                await part.Durations.ReadAsync(reader, cancellationToken), await part.Questions.ReadAsync(reader, cancellationToken)));
        }

        return (new CourseComparison(
        [
            .. Means("meanScore", "percent", compared, course => SampleOf(course.Scores.Scored, course.Scores.Mean, course.Scores.StandardDeviation)),
            .. Shares("passRate", compared, course => (course.Course.Passed, course.Course.Attempts)),
            .. Means("minutes", "minutes", compared, course => SampleOf(course.Durations.Measured, course.Durations.Mean, course.Durations.StandardDeviation)),
            .. Shares("completionRate", compared, course => (course.Course.Complete, course.Course.Stated)),
            .. Means("facility", "percent", compared, course =>
                SampleOf([.. course.Questions.Exams.SelectMany(exam => exam.Questions).Select(question => question.Facility).OfType<double>()])),
        ]), null);
    }

    private static IEnumerable<ComparedFigure> Means(string figure, string unit, List<Compared> courses, Func<Compared, (Sample Sample, double? Mean)> sampleOf)
    {
        var first = sampleOf(courses[0]);
        return courses.Select((course, place) =>
        {
            var (sample, mean) = sampleOf(course);
            var interval = place == 0 ? null : Interval.OfMeans(sample, first.Sample);
            return new ComparedFigure(
                figure, unit, course.Course.Slug, course.Course.Name, sample.Count, mean,
                place == 0 ? null : mean - first.Mean, interval?.Low, interval?.High, Welch, place == 0 || interval is not null ? null : TooFew);
        });
    }

    private static IEnumerable<ComparedFigure> Shares(string figure, List<Compared> courses, Func<Compared, (long Successes, long Trials)> shareOf)
    {
        var first = shareOf(courses[0]);
        return courses.Select((course, place) =>
        {
            var (successes, trials) = shareOf(course);
            var interval = place == 0 ? null : Interval.OfShares(successes, trials, first.Successes, first.Trials);
            return new ComparedFigure(
                figure, "percent", course.Course.Slug, course.Course.Name, trials, trials == 0 ? null : 100.0 * successes / trials,
                100 * interval?.Estimate, 100 * interval?.Low, 100 * interval?.High, Newcombe, place == 0 || interval is not null ? null : Nothing);
        });
    }

    private static (Sample, double?) SampleOf(long count, double? mean, double? deviation) =>
        (new Sample(deviation is null ? Math.Min(count, 1) : count, mean ?? 0, deviation ?? 0), mean);

    private static (Sample, double?) SampleOf(double[] values)
    {
        var mean = values.Length == 0 ? (double?)null : values.Average();
        return (new Sample(values.Length, mean ?? 0,
            values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean!.Value) * (value - mean.Value)) / (values.Length - 1))), mean);
    }

    private sealed record Compared(Course Course, ScoreDistribution Scores, Durations Durations, CourseAnalysis Questions);
}
