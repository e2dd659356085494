using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Summary;

/// <summary>The headline figures.</summary>
internal static class SummaryEndpoints
{
    private const string Sql = """
        with totals as (
          select count(distinct course_id) courses, count(*) exams, coalesce(sum(messages), 0) messages,
            coalesce(sum(redeliveries), 0) redeliveries, coalesce(sum(attempts), 0) attempts,
            coalesce(sum(unnamed_attempts), 0) unnamed, coalesce(sum(certifications), 0) certifications
          from exam_totals join exams using (exam_id)
          where messages > 0),
        scores as (
          select sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
            sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
            coalesce(sum(attempts) filter (where correct * 100 > $1 * total), 0) passed
          from exam_scores
          where total > 0)
        select messages::bigint, redeliveries::bigint, attempts::bigint,
          (unnamed + coalesce((select users from course_user_totals where course_id = 0), 0))::bigint,
          courses, exams, certifications::bigint, per_message::float8, per_attempt::float8,
          (passed * 100 / nullif(attempts, 0))::float8,
          (select min(started_at) from attempts), (select max(started_at) from attempts)
        from totals, scores
        """;

    private static readonly Summary Example = new(
        3280, 38, 3242, 3242, 103, 107, 0, 62.65700951, 62.65700951, 49.96915484,
        new(2017, 11, 21, 0, 3, 7, TimeSpan.Zero), new(2018, 1, 28, 11, 58, 12, TimeSpan.Zero));

    public static void MapSummary(this IEndpointRouteBuilder api) =>
        api.MapGet("/summary", GetSummaryAsync)
            .WithName("GetSummary")
            .WithTags("Summary")
            .WithSummary("Headline figures")
            .WithDescription("Messages, redeliveries, attempts, students, courses, exams, certifications and mean scores of everything that was ingested. An empty database answers zeros.")
            .WithExample(Example, AnalyticsJson.Default.Summary);

    private static async Task<Ok<Summary>> GetSummaryAsync(
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [Sql], [new NpgsqlParameter<decimal> { TypedValue = passMark ?? 70 }], cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var meanScore = reader.DoubleOrNull(7);
        var passRate = reader.DoubleOrNull(9);
        return TypedResults.Ok(new Summary(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
            meanScore, reader.DoubleOrNull(8), passRate, reader.TimeOrNull(10), reader.TimeOrNull(11),
            meanScore is null ? Reasons.NoCounts : null,
            passRate is null ? Reasons.NoAttempts : null));
    }
}
