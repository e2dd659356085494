using Analytics.Api.Courses;
using Analytics.Api.Http;
using Npgsql;

namespace Analytics.Api.Summary;

/// <summary>The headline figures, of everything or of the attempts within dates.</summary>
internal static class SummaryQuery
{
    // $1 is the pass mark in percent.
    private const string Sql = """
        with totals as (
          select count(distinct course_id) courses, count(*) exams, coalesce(sum(messages), 0) messages,
            coalesce(sum(redeliveries), 0) redeliveries, coalesce(sum(attempts), 0) attempts,
            coalesce(sum(unnamed_attempts), 0) unnamed, coalesce(sum(certifications), 0) certifications,
            sum(stated_questions) / nullif(sum(stated_attempts), 0) questions, sum(complete_attempts) * 100 / nullif(sum(stated_attempts), 0) completion,
            sum(unanswered_questions) / nullif(sum(stated_attempts), 0) unanswered, sum(incomplete_questions) / nullif(sum(stated_attempts), 0) incomplete
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
          (select min(started_at) from attempts), (select max(started_at) from attempts),
          questions::float8, completion::float8, unanswered::float8, incomplete::float8,
          (select repeat_takers from course_user_totals where course_id = 0 and users > 0)
        from totals, scores
        """;

    public static Query<Summary> Of(decimal passMark, Dates? dates = null)
    {
        NpgsqlParameter[] parameters = [new NpgsqlParameter<decimal> { TypedValue = passMark }];
        return new(
            [Dates.Over(dates, Sql, parameters.Length)], [.. parameters, .. Dates.Parameters(dates)],
            async (reader, cancellationToken) => (await reader.ReadAllAsync(Read, cancellationToken)).Single());
    }

    private static Summary Read(NpgsqlDataReader row)
    {
        var meanScore = row.DoubleOrNull(7);
        var passRate = row.DoubleOrNull(9);
        var completionRate = row.DoubleOrNull(13);
        var repeatTakers = row.LongOrNull(16);
        return new Summary(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
            meanScore, row.DoubleOrNull(8), passRate, row.TimeOrNull(10), row.TimeOrNull(11),
            row.DoubleOrNull(12), completionRate, row.DoubleOrNull(14), row.DoubleOrNull(15), repeatTakers,
            meanScore is null ? Reasons.NoCounts : null,
            passRate is null ? Reasons.NoAttempts : null,
            completionRate is null ? Reasons.NoCompletion : null,
            repeatTakers is null ? Reasons.NoUsers : null);
    }
}
