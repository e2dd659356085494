using Analytics.Api.Http;
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
            sum(unanswered_questions) / nullif(sum(stated_attempts), 0) unanswered, sum(incomplete_questions) / nullif(sum(stated_attempts), 0) incomplete
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
        select name, slug, messages::bigint, redeliveries::bigint, attempts::bigint, (unnamed + coalesce(users, 0))::bigint, exams,
          certifications::bigint, per_message::float8, per_attempt::float8, (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8,
          questions::float8, completion::float8, unanswered::float8, incomplete::float8, case when users > 0 then repeat_takers end
        from courses
          join figures using (course_id)
          left join scores using (course_id)
          left join course_user_totals using (course_id)
        """;

    private const string CourseSql = CoursesSql + " where slug = $2";

    // $2 is the course's slug, null for all.
    private const string ExamsSql = """
        select base_exam_id, name, slug, messages, redeliveries, attempts, certifications,
          (select count(*) from items where items.exam_id = exams.exam_id),
          per_message::float8, per_attempt::float8, (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8, first_start, last_start,
          stated_questions::float8 / nullif(stated_attempts, 0), complete_attempts * 100::float8 / nullif(stated_attempts, 0),
          unanswered_questions::float8 / nullif(stated_attempts, 0), incomplete_questions::float8 / nullif(stated_attempts, 0)
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
        new([Dates.Over(dates, CoursesSql, 1)], [PassMark(passMark), .. Dates.Parameters(dates)],
            (reader, cancellationToken) => reader.ReadAllAsync(ReadCourse, cancellationToken));

    /// <summary>One course by its slug; null if there is none.</summary>
    public static Query<Course?> One(string slug, decimal passMark) =>
        new([CourseSql], [PassMark(passMark), new NpgsqlParameter<string> { TypedValue = slug }],
            async (reader, cancellationToken) => (await reader.ReadAllAsync(ReadCourse, cancellationToken)).SingleOrDefault());

    /// <summary>The exams of a course, or of all for null, most messages first.</summary>
    public static Query<List<Exam>> Exams(string? slug, decimal passMark) =>
        new([ExamsSql], [PassMark(passMark), new NpgsqlParameter<string?> { TypedValue = slug }],
            (reader, cancellationToken) => reader.ReadAllAsync(ReadExam, cancellationToken));

    private static NpgsqlParameter<decimal> PassMark(decimal passMark) => new() { TypedValue = passMark };

    private static Course ReadCourse(NpgsqlDataReader reader)
    {
        var meanScore = reader.DoubleOrNull(8);
        var passRate = reader.DoubleOrNull(10);
        var completionRate = reader.DoubleOrNull(12);
        var repeatTakers = reader.LongOrNull(15);
        return new Course(
            reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5),
            reader.GetInt64(6), reader.GetInt64(7), meanScore, reader.DoubleOrNull(9), passRate,
            reader.DoubleOrNull(11), completionRate, reader.DoubleOrNull(13), reader.DoubleOrNull(14), repeatTakers,
            meanScore is null ? Reasons.NoCounts : null, passRate is null ? Reasons.NoAttempts : null,
            completionRate is null ? Reasons.NoCompletion : null, repeatTakers is null ? Reasons.NoUsers : null);
    }

    private static Exam ReadExam(NpgsqlDataReader reader)
    {
        var meanScore = reader.DoubleOrNull(8);
        var passRate = reader.DoubleOrNull(10);
        var completionRate = reader.DoubleOrNull(14);
        return new Exam(
            reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
            reader.GetInt64(7), meanScore, reader.DoubleOrNull(9), passRate, reader.TimeOrNull(11), reader.TimeOrNull(12),
            reader.DoubleOrNull(13), completionRate, reader.DoubleOrNull(15), reader.DoubleOrNull(16),
            meanScore is null ? Reasons.NoCounts : null, passRate is null ? Reasons.NoAttempts : null, completionRate is null ? Reasons.NoCompletion : null);
    }
}
