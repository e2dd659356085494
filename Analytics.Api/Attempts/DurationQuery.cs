using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Npgsql;
using Statistics;

namespace Analytics.Api.Attempts;

/// <summary>How long the attempts that a filter leaves take.</summary>
internal static class DurationQuery
{
    private const int Negative = -1;
    private const int DayOrMore = 86_400;
    private const decimal MicrosecondsPerMinute = 60_000_000;

    // $3 is whether messages count.
    private const string TotalSql = $"""
        select coalesce(sum(case when $3 then messages else attempts end), 0)::bigint n,
          coalesce(sum(case when $3 then implausible_start_messages else implausible_start_attempts end), 0)::bigint implausible
        from exam_totals
        where exam_id in {Scope.Exams}
        """;

    private const string DurationsSql = $"""
        select seconds, sum(case when $3 then messages else attempts end)::bigint n,
          sum(case when $3 then message_microseconds else attempt_microseconds end) microseconds
        from exam_durations
        where exam_id in {Scope.Exams}
        group by seconds
        """;

    /// <param name="filter">Which attempts.</param>
    /// <param name="counting">Messages or attempts.</param>
    public static Query<Durations> Of(Filter filter, string counting) => filter.Query(
        FilterParts.Course | FilterParts.Exam, [TotalSql, DurationsSql],
        [.. Scope.Parameters(filter), new NpgsqlParameter<bool> { TypedValue = counting == Counting.Messages }],
        async (reader, cancellationToken) =>
        {
            var (all, implausible) = (await reader.ReadAllAsync(row => (row.Get<long>("n"), row.Get<long>("implausible")), cancellationToken)).Single();
            var rows = await reader.ReadAllAsync(row => (row.Get<int>("seconds"), row.Get<long>("n"), row.Get<decimal>("microseconds")), cancellationToken);
            return Measure(counting, all, implausible, rows);
        });

    private static Durations Measure(string counting, long all, long implausible, List<(int Seconds, long Count, decimal Microseconds)> rows)
    {
        var sane = rows.Where(row => row.Seconds is > Negative and < DayOrMore).ToArray();
        var minutes = new Distribution(sane.Select(row => (row.Seconds / 60m, row.Count)));
        return new Durations(
            counting, minutes.Count,
            rows.Where(row => row.Seconds == Negative).Sum(row => row.Count),
            rows.Where(row => row.Seconds == DayOrMore).Sum(row => row.Count),
            all - rows.Sum(row => row.Count), implausible,
            Mean(sane), Mean(rows), minutes.StandardDeviation,
            minutes.Quantile(0), minutes.Quantile(0.05m), minutes.Quantile(0.25m), minutes.Quantile(0.5m), minutes.Quantile(0.75m),
            minutes.Quantile(0.9m), minutes.Quantile(0.95m), minutes.Quantile(0.99m), minutes.Quantile(1),
            minutes.Count switch { 0 => Reasons.NoDurations, 1 => Reasons.OneValue, _ => null });
    }

    private static double? Mean(IReadOnlyCollection<(int Seconds, long Count, decimal Microseconds)> rows) =>
        rows.Sum(row => row.Count) is > 0 and var count ? Distribution.Nearest(rows.Sum(row => row.Microseconds) / (count * MicrosecondsPerMinute)) : null;
}
