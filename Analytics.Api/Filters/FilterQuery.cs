using Analytics.Api.Database;
using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Filters;

/// <summary>
/// Queries over the attempts that a filter leaves. What ingest keeps knows courses and exams, and some of it versions or days; a filter that asks for more is
/// answered from the attempts' rows, by the same statements: what they read is made of the rows, under the same names, before the tables.
/// </summary>
internal static class FilterQuery
{
    private const string With = "with ";

    // Of an attempt, as ingest sums it up.
    private const string Stated = "total is not null and incomplete is not null and unanswered is not null";

    // Superseded events keep no user, version or date, so the messages of an attempt are here those of its newest event.
    private const string Figures = $"""
        exam_totals as (
          select exam_id, sum(1 + redeliveries) messages, sum(redeliveries)::bigint redeliveries, count(*) attempts,
            count(*) filter (where user_id is null) unnamed_attempts, count(*) filter (where certification) certifications,
            count(*) filter (where {Stated}) stated_attempts, coalesce(sum(total) filter (where {Stated}), 0) stated_questions,
            coalesce(sum(incomplete) filter (where {Stated}), 0) incomplete_questions,
            coalesce(sum(unanswered) filter (where {Stated}), 0) unanswered_questions,
            count(*) filter (where {Stated} and incomplete = 0 and unanswered = 0) complete_attempts,
            coalesce(sum(1 + redeliveries) filter (where implausible_counts is not null), 0) implausible_count_messages,
            count(implausible_counts) implausible_count_attempts,
            coalesce(sum(1 + redeliveries) filter (where implausible_start is not null), 0) implausible_start_messages,
            count(implausible_start) implausible_start_attempts
          from attempts group by exam_id),
        exam_bounds as (select exam_id, min(started_at) first_start, max(started_at) last_start from attempts group by exam_id),
        exam_scores as (
          select exam_id, total, correct, sum(1 + redeliveries) messages, count(*) attempts
          from attempts where total is not null and correct is not null group by exam_id, total, correct),
        exam_starts as (
          select exam_id, (started_at at time zone 'UTC')::date as day, date_bin('15 minutes', started_at, '2000-01-01Z') quarter,
            sum(1 + redeliveries) messages, count(*) attempts
          from attempts where started_at is not null group by 1, 2, 3),
        exam_durations as (
          select exam_id, seconds, sum(1 + redeliveries) messages, count(*) attempts,
            sum((1 + redeliveries) * microseconds) message_microseconds, sum(microseconds) attempt_microseconds
          from (
            select exam_id, redeliveries,
              case when ended_at < started_at then -1 else least(86400, floor(extract(epoch from ended_at - started_at)))::int end seconds,
              extract(epoch from ended_at - started_at) * 1000000 microseconds
            from attempts where ended_at is not null and started_at is not null) durations
          group by exam_id, seconds),
        course_users as (
          select coalesce(course_id, 0) course_id, user_id, count(*) attempts
          from attempts join exams using (exam_id) where user_id is not null group by grouping sets ((course_id, user_id), (user_id))),
        course_user_totals as (
          select course_id, count(*) users, count(*) filter (where attempts > 1) repeat_takers from course_users group by course_id)
        """;

    // An item of an attempt is solved if every answer to it in that attempt is correct.
    private const string ItemFigures = """
        attempt_items as (
          select attempt_id, item_id, bool_and(user_correct is true) solved, bool_or(user_result = 'incorrect') incorrect,
            bool_or(user_result = 'missed_some') missed_some, bool_or(user_result = 'unanswered') unanswered
          from answers group by attempt_id, item_id),
        attempt_results as (
          select attempt_id, count(*)::int questions, count(*) filter (where solved)::int solved from attempt_items group by attempt_id),
        exam_results as (
          select exam_id, questions, solved correct, count(*) attempts from attempt_results join attempts using (attempt_id) group by 1, 2, 3),
        item_results as (
          select item_id, questions, results.solved correct, count(*) attempts, count(*) filter (where items.solved) solved,
            count(*) filter (where items.incorrect) incorrect, count(*) filter (where missed_some) missed_some, count(*) filter (where items.unanswered) unanswered
          from attempt_items items join attempt_results results using (attempt_id) group by 1, 2, 3),
        item_option_choices as (
          select item_option_id, count(*) shown, count(*) filter (where is_checked) chosen
          from answers cross join unnest(item_option_ids, checked) options (item_option_id, is_checked) group by 1),
        exam_version_results as (
          select exam_version_id, correct, max(attempts) attempts, array_agg(solved order by item_id) solved, array_agg(incorrect order by item_id) incorrect,
            array_agg(missed_some order by item_id) missed_some, array_agg(unanswered order by item_id) unanswered
          from (
            select exam_version_id, results.solved correct, item_id, count(*) attempts, count(*) filter (where items.solved) solved,
              count(*) filter (where items.incorrect) incorrect, count(*) filter (where missed_some) missed_some,
              count(*) filter (where items.unanswered) unanswered
            from attempt_items items join attempt_results results using (attempt_id) join attempts using (attempt_id) group by 1, 2, 3) counts
          group by exam_version_id, correct),
        exam_version_choices as (
          select exam_version_id, array_agg(item_option_id order by item_option_id) item_option_ids, array_agg(shown order by item_option_id) shown,
            array_agg(chosen order by item_option_id) chosen
          from (
            select exam_version_id, item_option_id, count(*) shown, count(*) filter (where is_checked) chosen
            from answers cross join unnest(item_option_ids, checked) options (item_option_id, is_checked) group by 1, 2) choices
          group by exam_version_id),
        exam_versions as (
          select kept.exam_version_id, kept.exam_id, kept.version, kept.item_ids, count(*) attempts
          from exam_versions kept join attempts using (exam_version_id) group by kept.exam_version_id)
        """;

    // What a statement reads many times over is found out once: a join for each attempt. All of its columns but those of its answers.
    private const string Columns = """
        attempt_id, user_exam_id, keen_id, exam_id, exam_version_id, user_id, created_at, started_at, ended_at, certification, max_attempts, attempt_number,
          total, correct, incorrect, incomplete, submitted, unanswered, implausible_start, implausible_counts, redeliveries
        """;

    /// <summary>Figures of the attempts that a filter leaves.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="kept">What the statements themselves, over what ingest keeps, can tell apart.</param>
    /// <param name="statements">Queries that may read attempts, answers and what ingest keeps of them, but start_hours.</param>
    /// <param name="parameters">The parameters of each of them.</param>
    /// <param name="readAsync">Reads their results.</param>
    public static Query<T> Query<T>(
        this Filter filter, FilterParts kept, string[] statements, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, CancellationToken, Task<T>> readAsync)
    {
        if (!filter.NeedsRows(kept))
        {
            return new(statements, parameters, readAsync) { Source = Source.Rollups };
        }

        var (condition, values) = filter.Condition(parameters.Length);
        var ofAllTakes = (filter with { Take = Take.All }).Condition(parameters.Length).Sql;
        var (attempts, answers) = filter.Take == Take.All ? ("attempts as not materialized", condition)
            : ("attempts as materialized", $"{ofAllTakes} and attempt_id in (select attempt_id from attempts)");
        var made = $"""
            {attempts} (select {Columns} from attempts where {condition}),
            answers as not materialized (select * from answers where {answers}),
            {Figures},
            {ItemFigures}
            """;
        return new([.. statements.Select(statement => Before(made, statement))], [.. parameters, .. values], readAsync) { Source = Source.Rows };
    }

    /// <summary>Rows of the attempts that a filter leaves, found by the database's indexes.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="told">What the statements themselves tell apart.</param>
    /// <param name="statements">Queries that may read attempts, and course_users.</param>
    /// <param name="parameters">The parameters of each of them.</param>
    /// <param name="readAsync">Reads their results.</param>
    public static Query<T> RowQuery<T>(
        this Filter filter, FilterParts told, string[] statements, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, CancellationToken, Task<T>> readAsync)
    {
        if (!filter.NeedsRows(told))
        {
            return new(statements, parameters, readAsync) { Source = Source.Rows };
        }

        var (condition, values) = filter.Condition(parameters.Length);
        var made = $"""
            attempts as not materialized (select * from attempts where {condition}),
            {Figures}
            """;
        return new([.. statements.Select(statement => Before(made, statement))], [.. parameters, .. values], readAsync) { Source = Source.Rows };
    }

    /// <summary>Whether the filter tells attempts apart by more than a query over what ingest keeps can.</summary>
    public static bool NeedsRows(this Filter filter, FilterParts kept) => (filter.Parts & ~kept) != 0;

    /// <summary>The filter as a condition on columns of attempts, or of answers where it takes all attempts of a student.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="parameters">How many parameters come before those of the condition.</param>
    public static (string Sql, NpgsqlParameter[] Parameters) Condition(this Filter filter, int parameters)
    {
        var (conditions, values) = (new List<string>(), new List<NpgsqlParameter>());
        if (filter.Course is not null || filter.Exam is not null)
        {
            var course = filter.Course is null ? "true" : $"slug = {Parameter(filter.Course)}";
            var exam = filter.Exam is null ? "true" : $"base_exam_id = {Parameter(filter.Exam)}";
            conditions.Add($"exam_id in (select exam_id from exams join courses using (course_id) where {course} and {exam})");
        }

        if (filter.Version is not null)
        {
            conditions.Add($"exam_version_id in (select exam_version_id from exam_versions where version = {Parameter(filter.Version)})");
        }

        if (filter.Begin is { } begin)
        {
            conditions.Add($"started_at >= {Instant(begin)}");
        }

        if (filter.End is { } end)
        {
            conditions.Add($"started_at < {Instant(end)}");
        }

        if (filter.User is not null)
        {
            var user = Parameter(filter.User);
            conditions.Add($"(user_id = {user} or (user_id is null and user_exam_id = {user}))");
        }

        if (filter.Take != Take.All)
        {
            var taken = filter.Take switch { Take.First => "first_attempts", Take.Best => "best_attempts", _ => "last_attempts" };
            conditions.Add($"attempt_id in (select attempt_id from {taken})");
        }

        return (conditions.Count == 0 ? "true" : string.Join(" and ", conditions), [.. values]);

        string Parameter(string text)
        {
            values.Add(new NpgsqlParameter<string> { TypedValue = text });
            return $"${parameters + values.Count}";
        }

        string Instant(DateTime utc)
        {
            values.Add(new NpgsqlParameter<DateTime> { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = utc });
            return $"${parameters + values.Count}";
        }
    }

    private static string Before(string made, string statement) =>
        statement.StartsWith(With, StringComparison.Ordinal) ? $"{With}{made},\n{statement[With.Length..]}" : $"{With}{made}\n{statement}";
}
