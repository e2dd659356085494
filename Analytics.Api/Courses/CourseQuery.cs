using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Courses;

/// <summary>The figures of courses and of exams.</summary>
internal static class CourseQuery
{
    // $1 is the pass mark in percent. A course that only superseded events name has messages and no attempts.
    private const string CoursesSql = """
        with figures as (
          select course_id, count(*) exams, sum(messages) messages, sum(redeliveries) redeliveries, sum(attempts) attempts,
            sum(unnamed_attempts) unnamed, sum(certifications) certifications,
            sum(stated_questions) / nullif(sum(stated_attempts), 0) questions, sum(complete_attempts) * 100 / nullif(sum(stated_attempts), 0) completion,
            sum(unanswered_questions) / nullif(sum(stated_attempts), 0) unanswered, sum(incomplete_questions) / nullif(sum(stated_attempts), 0) incomplete,
            sum(implausible_count_attempts) implausible_counts, sum(implausible_start_attempts) implausible_starts
          from exam_totals join exams using (exam_id)
          where messages > 0
          group by course_id),
        scores as (
          select course_id,
            sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
            sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
            sum(attempts) filter (where correct * 100 > $1 * total) passed
          from exam_scores join exams using (exam_id)
          where total > 0
          group by course_id)
        select name, slug, messages::bigint, redeliveries::bigint, attempts::bigint, (unnamed + coalesce(users, 0))::bigint students, exams,
          certifications::bigint, per_attempt::float8 mean_score, per_message::float8 mean_score_per_message,
          (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8 pass_rate,
          questions::float8 mean_questions, completion::float8 completion_rate, unanswered::float8 mean_unanswered, incomplete::float8 mean_incomplete,
          implausible_counts::bigint, implausible_starts::bigint,
          case when users > 0 then repeat_takers end repeat_takers
        from courses
          join figures using (course_id)
          left join scores using (course_id)
          left join course_user_totals using (course_id)
        """;

    private const string CourseSql = CoursesSql + " where slug = $2";

    // $2 is the course's slug, null for all.
    private const string ExamsSql = """
        select base_exam_id, name course, slug course_slug, messages, redeliveries, attempts, certifications,
          (select count(*) from items where items.exam_id = exams.exam_id) questions,
          per_attempt::float8 mean_score, per_message::float8 mean_score_per_message, (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8 pass_rate,
          first_start, last_start,
          stated_questions::float8 / nullif(stated_attempts, 0) mean_questions, complete_attempts * 100::float8 / nullif(stated_attempts, 0) completion_rate,
          unanswered_questions::float8 / nullif(stated_attempts, 0) mean_unanswered, incomplete_questions::float8 / nullif(stated_attempts, 0) mean_incomplete,
          implausible_count_attempts implausible_counts, implausible_start_attempts implausible_starts
        from courses
          join exams using (course_id)
          join exam_totals using (exam_id)
          cross join lateral (
            select sum(scores.messages * correct * 100::numeric / total) / nullif(sum(scores.messages), 0) per_message,
              sum(scores.attempts * correct * 100::numeric / total) / nullif(sum(scores.attempts), 0) per_attempt,
              sum(scores.attempts) filter (where correct * 100 > $1 * total) passed
            from exam_scores scores
            where scores.exam_id = exams.exam_id and total > 0) s
          cross join lateral (
            select min(started_at) first_start, max(started_at) last_start from attempts where attempts.exam_id = exams.exam_id) t
        where ($2::text is null or slug = $2) and messages > 0
        order by messages desc, name, base_exam_id
        """;

    /// <summary>Every course that has a message, in no order; within dates every one that has an attempt.</summary>
    public static Query<List<Course>> All(decimal passMark, Dates? dates = null) =>
        new([Dates.Over(dates, CoursesSql, 1)], [Parameter(passMark), .. Dates.Parameters(dates)],
            (reader, cancellationToken) => reader.ReadAllAsync(ReadCourse, cancellationToken));

    /// <summary>One course by its slug; null if there is none.</summary>
    public static Query<Course?> One(string slug, decimal passMark) =>
        new([CourseSql], [Parameter(passMark), new NpgsqlParameter<string> { TypedValue = slug }],
            async (reader, cancellationToken) => (await reader.ReadAllAsync(ReadCourse, cancellationToken)).SingleOrDefault());

    /// <summary>The exams of a course, or of all for null, most messages first.</summary>
    public static Query<List<Exam>> Exams(string? slug, decimal passMark) =>
        new([ExamsSql], [Parameter(passMark), new NpgsqlParameter<string?> { TypedValue = slug }],
            (reader, cancellationToken) => reader.ReadAllAsync(ReadExam, cancellationToken));

    private static NpgsqlParameter<decimal> Parameter(decimal passMark) => new() { TypedValue = passMark };

    private static Course ReadCourse(NpgsqlDataReader row) => new(AttemptFigures.Read(row))
    {
        Name = row.Get<string>("name"),
        Slug = row.Get<string>("slug"),
        Students = row.Get<long>("students"),
        Exams = row.Get<long>("exams"),
        RepeatTakers = row.Get<long?>("repeat_takers"),
    };

    private static Exam ReadExam(NpgsqlDataReader row) => new(AttemptFigures.Read(row))
    {
        BaseExamId = row.Get<string>("base_exam_id"),
        Course = row.Get<string>("course"),
        CourseSlug = row.Get<string>("course_slug"),
        Questions = row.Get<long>("questions"),
        FirstStart = row.Get<DateTimeOffset?>("first_start"),
        LastStart = row.Get<DateTimeOffset?>("last_start"),
    };
}
