using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Summary;

/// <summary>The headline figures of the attempts that a filter leaves.</summary>
internal static class SummaryQuery
{
    // $3 is the pass mark in percent.
    private const string Sql = $"""
        with totals as (
          select count(distinct course_id) courses, count(*) exams, coalesce(sum(messages), 0) messages,
            coalesce(sum(redeliveries), 0) redeliveries, coalesce(sum(attempts), 0) attempts,
            coalesce(sum(unnamed_attempts), 0) unnamed, coalesce(sum(certifications), 0) certifications,
            sum(stated_questions) / nullif(sum(stated_attempts), 0) questions, sum(complete_attempts) * 100 / nullif(sum(stated_attempts), 0) completion,
            sum(unanswered_questions) / nullif(sum(stated_attempts), 0) unanswered, sum(incomplete_questions) / nullif(sum(stated_attempts), 0) incomplete,
            coalesce(sum(implausible_count_attempts), 0) implausible_counts, coalesce(sum(implausible_start_attempts), 0) implausible_starts
          from exam_totals join exams using (exam_id)
          where messages > 0 and exam_id in {Scope.Exams}),
        scores as (
          select sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
            sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
            coalesce(sum(attempts) filter (where correct * 100 > $3 * total), 0) passed
          from exam_scores
          where total > 0 and exam_id in {Scope.Exams}),
        users as (
          select users, repeat_takers
          from course_user_totals
          where course_id = (case when $1::text is null then 0 else (select course_id from courses where slug = $1) end)),
        letters as (
          select reason_group, count(*) number
          from dead_letters
          where repaired_at is null
          group by reason_group
          order by number desc, reason_group
          limit 20)
        select messages::bigint, redeliveries::bigint, attempts::bigint,
          (unnamed + coalesce((select users from users), 0))::bigint students,
          courses, exams, certifications::bigint, per_attempt::float8 mean_score, per_message::float8 mean_score_per_message,
          (passed * 100 / nullif(attempts, 0))::float8 pass_rate,
          case when $1 is null and $2 is null then (select min(started_at) from attempts)
            else (select min(first_start) from exam_bounds where exam_id in {Scope.Exams}) end first_start,
          case when $1 is null and $2 is null then (select max(started_at) from attempts)
            else (select max(last_start) from exam_bounds where exam_id in {Scope.Exams}) end last_start,
          questions::float8 mean_questions, completion::float8 completion_rate, unanswered::float8 mean_unanswered, incomplete::float8 mean_incomplete,
          implausible_counts::bigint, implausible_starts::bigint,
          (select repeat_takers from users where users > 0) repeat_takers,
          (select coalesce(sum(altered_redeliveries), 0) from ingest_partitions)::bigint altered_redeliveries,
          (select count(*) from dead_letters where repaired_at is null) dead_letters,
          array(select reason_group from letters order by number desc, reason_group) reasons,
          array(select number from letters order by number desc, reason_group) reason_counts
        from totals, scores
        """;

    public static Query<Summary> Of(Filter filter) => filter.Query(
        FilterParts.Course, [Sql], [.. Scope.Parameters(filter), new NpgsqlParameter<decimal> { TypedValue = filter.PassMark }],
        async (reader, cancellationToken) => (await reader.ReadAllAsync(Read, cancellationToken)).Single());

    private static Summary Read(NpgsqlDataReader row) => new(AttemptFigures.Read(row))
    {
        Students = row.Get<long>("students"),
        Courses = row.Get<long>("courses"),
        Exams = row.Get<long>("exams"),
        FirstStart = row.Get<DateTimeOffset?>("first_start"),
        LastStart = row.Get<DateTimeOffset?>("last_start"),
        RepeatTakers = row.Get<long?>("repeat_takers"),
        AlteredRedeliveries = row.Get<long>("altered_redeliveries"),
        DeadLetters = row.Get<long>("dead_letters"),
        DeadLetterReasons = [.. row.Get<string[]>("reasons").Zip(row.Get<long[]>("reason_counts"), (reason, count) => new DeadLetterReason(reason, count))],
    };
}
