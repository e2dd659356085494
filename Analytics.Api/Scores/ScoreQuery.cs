using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Statistics;

namespace Analytics.Api.Scores;

/// <summary>The distribution of scores in a scope, of the attempts that a filter leaves.</summary>
internal static class ScoreQuery
{
    private const string ScoresSql = $"""
        select total, correct, sum(messages)::bigint messages, sum(attempts)::bigint attempts
        from exam_scores
        where total > 0 and exam_id in {Scope.Exams}
        group by total, correct
        """;

    private const string TotalsSql = $"""
        select coalesce(sum(messages), 0)::bigint messages, coalesce(sum(attempts), 0)::bigint attempts,
          coalesce(sum(implausible_count_messages), 0)::bigint implausible_messages, coalesce(sum(implausible_count_attempts), 0)::bigint implausible_attempts
        from exam_totals
        where exam_id in {Scope.Exams}
        """;

    /// <param name="filter">Which attempts.</param>
    /// <param name="counting">Messages or attempts.</param>
    /// <param name="bins">How many bins the histogram has.</param>
    public static Query<ScoreDistribution> Of(Filter filter, string counting, int bins)
    {
        var column = counting == Counting.Messages ? "messages" : "attempts";
        return filter.Query(
            FilterParts.Course | FilterParts.Exam, [TotalsSql, ScoresSql], Scope.Parameters(filter),
            async (reader, cancellationToken) =>
            {
                var (all, implausible) =
                    (await reader.ReadAllAsync(row => (row.Get<long>(column), row.Get<long>($"implausible_{column}")), cancellationToken)).Single();
                var scores = await reader.ReadAllAsync(row => (row.Get<int>("total"), row.Get<int>("correct"), row.Get<long>(column)), cancellationToken);
                return Distribute(counting, all, implausible, scores, bins, filter.PassMark);
            });
    }

    private static ScoreDistribution Distribute(
        string counting, long all, long implausible, List<(int Total, int Correct, long Count)> scores, int bins, decimal passMark)
    {
        var distribution = new Distribution(scores.Select(score => (100m * score.Correct / score.Total, score.Count)));
        var passed = scores.Where(score => score.Correct * 100m > passMark * score.Total).Sum(score => score.Count);
        var counts = new long[bins];
        foreach (var (total, correct, count) in scores)
        {
            counts[Math.Clamp((long)correct * bins / total, 0, bins - 1)] += count;
        }

        return new ScoreDistribution(
            counting, distribution.Count, all - distribution.Count, implausible, distribution.Mean, distribution.StandardDeviation,
            distribution.Quantile(0), distribution.Quantile(0.25m), distribution.Quantile(0.5m), distribution.Quantile(0.75m), distribution.Quantile(1),
            all == 0 ? null : Distribution.Nearest(passed * 100m / all),
            [.. counts.Select((count, bin) => new ScoreBin(100.0 * bin / bins, 100.0 * (bin + 1) / bins, count))],
            distribution.Count switch { 0 => Reasons.NoCounts, 1 => Reasons.OneValue, _ => null });
    }
}
