using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Statistics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Attempts;

/// <summary>How long attempts take.</summary>
internal static class DurationEndpoints
{
    private const int Negative = -1;
    private const int DayOrMore = 86_400;
    private const decimal MicrosecondsPerMinute = 60_000_000;

    // $3 is whether messages count.
    private const string TotalSql = $"""
        select coalesce(sum(case when $3 then messages else attempts end), 0)::bigint
        from exam_totals
        where exam_id in {Scope.Exams}
        """;

    private const string DurationsSql = $"""
        select seconds, sum(case when $3 then messages else attempts end)::bigint,
          sum(case when $3 then message_microseconds else attempt_microseconds end)
        from exam_durations
        where exam_id in {Scope.Exams}
        group by seconds
        """;

    private static readonly Durations Example = new(
        Counting.Attempts, 3200, 12, 25, 5, 3.87, 7.4311, 5.02, 0.1, 0.85, 1.98, 2.75, 4.2, 7.1, 10.4, 24.6, 312.4);

    public static void MapDurations(this IEndpointRouteBuilder attempts) =>
        attempts.MapGet("/durations", GetDurationsAsync)
            .WithName("GetDurations")
            .WithTags("Attempts")
            .WithSummary("How long attempts take")
            .WithDescription("Minutes from started_at to the latest time at which an option was touched: mean, median, percentiles. Those that end before they start, or take 24 hours and more, are counted apart; `meanOfAll` has them in, as the published 7.4311 minutes have.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(Example, AnalyticsJson.Default.Durations);

    private static async Task<Results<Ok<Durations>, ProblemHttpResult>> GetDurationsAsync(
        [FromQuery, MaxLength(200), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(200), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var counting = count ?? Counting.Attempts;
        await using var reader = await database.QueryAsync(
            context, [Scope.ExistsSql, TotalSql, DurationsSql],
            [.. Scope.Parameters(course, exam), new NpgsqlParameter<bool> { TypedValue = counting == Counting.Messages }],
            cancellationToken);
        if (await Scope.ComplaintAsync(reader, course, exam, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        await reader.ReadAsync(cancellationToken);
        var all = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<(int Seconds, long Count, decimal Microseconds)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetDecimal(2)));
        }

        return TypedResults.Ok(Measure(counting, all, rows));
    }

    private static Durations Measure(string counting, long all, List<(int Seconds, long Count, decimal Microseconds)> rows)
    {
        var sane = rows.Where(row => row.Seconds is > Negative and < DayOrMore).ToArray();
        var minutes = new Distribution(sane.Select(row => (row.Seconds / 60m, row.Count)));
        return new Durations(
            counting, minutes.Count,
            rows.Where(row => row.Seconds == Negative).Sum(row => row.Count),
            rows.Where(row => row.Seconds == DayOrMore).Sum(row => row.Count),
            all - rows.Sum(row => row.Count),
            Mean(sane), Mean(rows), minutes.StandardDeviation,
            minutes.Quantile(0), minutes.Quantile(0.05m), minutes.Quantile(0.25m), minutes.Quantile(0.5m), minutes.Quantile(0.75m),
            minutes.Quantile(0.9m), minutes.Quantile(0.95m), minutes.Quantile(0.99m), minutes.Quantile(1),
            minutes.Count switch { 0 => Reasons.NoDurations, 1 => Reasons.OneValue, _ => null });
    }

    private static double? Mean(IReadOnlyCollection<(int Seconds, long Count, decimal Microseconds)> rows) =>
        rows.Sum(row => row.Count) is > 0 and var count ? Distribution.Nearest(rows.Sum(row => row.Microseconds) / (count * MicrosecondsPerMinute)) : null;
}
