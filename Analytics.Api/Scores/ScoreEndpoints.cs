using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Analytics.Api.Statistics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Scores;

/// <summary>The distribution of scores.</summary>
internal static class ScoreEndpoints
{
    private const string ScoresSql = $"""
        select total, correct, sum(messages)::bigint, sum(attempts)::bigint
        from exam_scores
        where total > 0 and exam_id in {Scope.Exams}
        group by total, correct
        """;

    private const string TotalsSql = $"""
        select coalesce(sum(messages), 0)::bigint, coalesce(sum(attempts), 0)::bigint
        from exam_totals
        where exam_id in {Scope.Exams}
        """;

    private static readonly ScoreDistribution Example = new(
        Counting.Messages, 3275, 5, 62.65700951, 31.08670041, 0, 50, 66.66666667, 85.71428571, 100, 50.3963415,
        [new(0, 50, 894), new(50, 100, 2381)]);

    public static void MapScores(this IEndpointRouteBuilder api) =>
        api.MapGet("/scores", GetScoresAsync)
            .WithName("GetScores")
            .WithTags("Scores")
            .WithSummary("Distribution of scores")
            .WithDescription("Mean, standard deviation, quartiles, pass rate and histogram of the scores of everything, one course, or one exam. All exact: they come from the counts that events state.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(Example, AnalyticsJson.Default.ScoreDistribution)
            .InShapes((ScoreDistribution scores) => scores.Histogram, AnalyticsJson.Default.ScoreBin);

    private static async Task<Results<Ok<ScoreDistribution>, ProblemHttpResult>> GetScoresAsync(
        [FromQuery, MaxLength(200), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(200), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Messages)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        [FromQuery, Range(1, 100), DefaultValue(10), Description("How many bins the histogram has.")] int? bins,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [Scope.ExistsSql, TotalsSql, ScoresSql], Scope.Parameters(course, exam), cancellationToken);
        if (await Scope.ComplaintAsync(reader, course, exam, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        var counting = count ?? Counting.Messages;
        await reader.ReadAsync(cancellationToken);
        var all = reader.GetInt64(counting == Counting.Messages ? 0 : 1);
        await reader.NextResultAsync(cancellationToken);
        var scores = new List<(int Total, int Correct, long Count)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            scores.Add((reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(counting == Counting.Messages ? 2 : 3)));
        }

        return TypedResults.Ok(Distribute(counting, all, scores, bins ?? 10, passMark ?? 70));
    }

    private static ScoreDistribution Distribute(
        string counting, long all, List<(int Total, int Correct, long Count)> scores, int bins, decimal passMark)
    {
        var distribution = new Distribution(scores.Select(score => (100m * score.Correct / score.Total, score.Count)));
        var passed = scores.Where(score => score.Correct * 100m > passMark * score.Total).Sum(score => score.Count);
        var counts = new long[bins];
        foreach (var (total, correct, count) in scores)
        {
            counts[Math.Clamp((long)correct * bins / total, 0, bins - 1)] += count;
        }

        return new ScoreDistribution(
            counting, distribution.Count, all - distribution.Count, distribution.Mean, distribution.StandardDeviation,
            distribution.Quantile(0), distribution.Quantile(0.25m), distribution.Quantile(0.5m), distribution.Quantile(0.75m), distribution.Quantile(1),
            all == 0 ? null : Distribution.Nearest(passed * 100m / all),
            [.. counts.Select((count, bin) => new ScoreBin(100.0 * bin / bins, 100.0 * (bin + 1) / bins, count))],
            distribution.Count switch { 0 => Reasons.NoCounts, 1 => Reasons.OneValue, _ => null });
    }
}
