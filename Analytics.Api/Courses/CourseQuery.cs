using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Courses;

/// <summary>The figures of courses and of exams.</summary>
internal static class CourseQuery
{
    // $3 is the pass mark in percent. A course that only superseded events name has messages and no attempts.
    private const string CoursesSql = $"""
        with figures as (
          select course_id, count(*) exams, sum(messages) messages, sum(redeliveries) redeliveries, sum(attempts) attempts,
            sum(unnamed_attempts) unnamed, sum(certifications) certifications,
            sum(stated_attempts) stated, sum(complete_attempts) complete,
            sum(stated_questions) / nullif(sum(stated_attempts), 0) questions, sum(complete_attempts) * 100 / nullif(sum(stated_attempts), 0) completion,
            sum(unanswered_questions) / nullif(sum(stated_attempts), 0) unanswered, sum(incomplete_questions) / nullif(sum(stated_attempts), 0) incomplete,
            sum(implausible_count_attempts) implausible_counts, sum(implausible_start_attempts) implausible_starts
          from exam_totals join exams using (exam_id)
          where messages > 0 and exam_id in {Scope.Exams}
          group by course_id),
        scores as (
          select course_id,
            sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
            sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
            sum(attempts) filter (where correct * 100 > $3 * total) passed
          from exam_scores join exams using (exam_id)
          where total > 0 and exam_id in {Scope.Exams}
          group by course_id)
        select name, slug, coalesce(messages, 0)::bigint messages, coalesce(redeliveries, 0)::bigint redeliveries, coalesce(attempts, 0)::bigint attempts,
          (coalesce(unnamed, 0) + coalesce(users, 0))::bigint students, coalesce(exams, 0) exams, coalesce(certifications, 0)::bigint certifications,
          per_attempt::float8 mean_score, per_message::float8 mean_score_per_message,
          (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8 pass_rate,
          questions::float8 mean_questions, completion::float8 completion_rate, unanswered::float8 mean_unanswered, incomplete::float8 mean_incomplete,
          coalesce(implausible_counts, 0)::bigint implausible_counts, coalesce(implausible_starts, 0)::bigint implausible_starts,
          case when users > 0 then repeat_takers end repeat_takers,
          coalesce(passed, 0)::bigint passed, coalesce(stated, 0)::bigint stated, coalesce(complete, 0)::bigint complete
        from courses
          left join figures using (course_id)
          left join scores using (course_id)
          left join course_user_totals using (course_id)
        """;

    private const string TakenSql = $"{CoursesSql} where messages > 0";

    // One that is there but has no attempt left has zeros.
    private const string CourseSql =
        $"""
        {CoursesSql}
        where slug = $1
          and exists (select from public.exam_totals join exams using (exam_id) where exams.course_id = courses.course_id and messages > 0)
        """;

    private const string ExamsSql = $"""
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
          join exam_bounds using (exam_id)
          left join (
            select exam_id, sum(messages * correct * 100::numeric / total) / nullif(sum(messages), 0) per_message,
              sum(attempts * correct * 100::numeric / total) / nullif(sum(attempts), 0) per_attempt,
              sum(attempts) filter (where correct * 100 > $3 * total) passed
            from exam_scores
            where total > 0 and exam_id in {Scope.Exams}
            group by exam_id) scores using (exam_id)
        where exam_id in {Scope.Exams} and messages > 0
        order by messages desc, name, base_exam_id
        """;

    /// <summary>Every course that has a message that the filter leaves, in no order.</summary>
    public static Query<List<Course>> All(Filter filter) =>
        filter.Query(FilterParts.Course, [TakenSql], Parameters(filter), (reader, cancellationToken) => reader.ReadAllAsync(ReadCourse, cancellationToken));

    /// <summary>The course that the filter names, with what it leaves of it; null if there is none.</summary>
    public static Query<Course?> One(Filter filter) => filter.Query(
        FilterParts.Course, [CourseSql], Parameters(filter),
        async (reader, cancellationToken) => (await reader.ReadAllAsync(ReadCourse, cancellationToken)).SingleOrDefault());

    /// <summary>The exams that have a message that the filter leaves, most messages first.</summary>
    public static Query<List<Exam>> Exams(Filter filter) => filter.Query(
        FilterParts.Course | FilterParts.Exam, [ExamsSql], Parameters(filter), (reader, cancellationToken) => reader.ReadAllAsync(ReadExam, cancellationToken));

    private static NpgsqlParameter[] Parameters(Filter filter) => [.. Scope.Parameters(filter), new NpgsqlParameter<decimal> { TypedValue = filter.PassMark }];

    private static Course ReadCourse(NpgsqlDataReader row) => new(AttemptFigures.Read(row))
    {
        Name = row.Get<string>("name"),
        Slug = row.Get<string>("slug"),
        Students = row.Get<long>("students"),
        Exams = row.Get<long>("exams"),
        RepeatTakers = row.Get<long?>("repeat_takers"),
        Passed = row.Get<long>("passed"),
        Stated = row.Get<long>("stated"),
        Complete = row.Get<long>("complete"),
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
