using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Courses;

/// <summary>Courses by popularity, and one with its exams.</summary>
internal static class CourseEndpoints
{
    // $1 is the pass mark in percent. A course that only superseded events name has messages and no attempts.
    private const string CoursesSql = """
        with figures as (
          select course_id, count(*) exams, sum(messages) messages, sum(redeliveries) redeliveries, sum(attempts) attempts,
            sum(unnamed_attempts) unnamed, sum(certifications) certifications
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
          certifications::bigint, per_message::float8, per_attempt::float8, (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8
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
          per_message::float8, per_attempt::float8, (coalesce(passed, 0) * 100 / nullif(attempts, 0))::float8, first_start, last_start
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

    private static readonly Course Example = new(
        "Learning Git", "learning-git", 394, 4, 390, 390, 1, 0, 67.614213198, 67.589743590, 61.282051282);

    private static readonly CourseDetail DetailExample = new(
        Example,
        [new Exam("1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", "Learning Git", "learning-git", 394, 4, 390, 0, 5, 67.614213198, 67.589743590, 61.282051282,
            new(2017, 11, 21, 2, 14, 9, TimeSpan.Zero), new(2018, 1, 28, 10, 41, 55, TimeSpan.Zero))]);

    public static void MapCourses(this IEndpointRouteBuilder api)
    {
        var courses = api.MapGroup("/courses").WithTags("Courses");
        courses.MapGet("", GetCoursesAsync)
            .WithName("GetCourses")
            .WithSummary("All courses")
            .WithDescription("Every course with its messages, attempts, students, scores and pass rate; the most popular first unless sorted otherwise, the least popular by `sort=attempts,name`.")
            .WithExample(new CourseList([Example]), AnalyticsJson.Default.CourseList)
            .InShapes((CourseList list) => list.Courses, AnalyticsJson.Default.Course);
        courses.MapGet("/{slug}", GetCourseAsync)
            .WithName("GetCourse")
            .WithSummary("One course")
            .WithDescription("A course's figures and those of each of its exam ids.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(DetailExample, AnalyticsJson.Default.CourseDetail);
        api.MapGet("/exams", GetExamsAsync)
            .WithName("GetExams")
            .WithTags("Courses")
            .WithSummary("All exams")
            .WithDescription("Every exam id with its course, most messages first.")
            .WithExample(new ExamList(DetailExample.ByExam), AnalyticsJson.Default.ExamList)
            .InShapes((ExamList list) => list.Exams, AnalyticsJson.Default.Exam);
    }

    private static async Task<Ok<CourseList>> GetCoursesAsync(
        [FromQuery, RegularExpression(CourseOrder.Pattern, ErrorMessage = CourseOrder.Complaint), MaxLength(200), DefaultValue(CourseOrder.Default)]
        [Description("Fields to sort by, separated by commas, each with a hyphen in front for descending: name, slug, messages, attempts, students, exams, meanScore, passRate. Nulls come last.")]
        string? sort,
        [FromQuery, Range(0, int.MaxValue), Description("Only courses with exactly so many attempts.")] int? attempts,
        [FromQuery, Range(1, 10_000), Description("Only so many, the first ones in the order asked for.")] int? limit,
        [FromQuery, MaxLength(200), Description("Only courses whose name contains this, in any case.")] string? name,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(context, [CoursesSql], [PassMark(passMark)], cancellationToken);
        var courses = new List<Course>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var course = ReadCourse(reader);
            if ((attempts is null || course.Attempts == attempts)
                && (name is null || course.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            {
                courses.Add(course);
            }
        }

        return TypedResults.Ok(new CourseList([.. CourseOrder.Sort(courses, sort ?? CourseOrder.Default).Take(limit ?? int.MaxValue)]));
    }

    private static async Task<Results<Ok<CourseDetail>, ProblemHttpResult>> GetCourseAsync(
        [FromRoute, MaxLength(200), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [CourseSql, ExamsSql], [PassMark(passMark), new NpgsqlParameter<string> { TypedValue = slug }], cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return TypedResults.Problem($"There is no course \"{slug}\"; /api/courses lists them.", statusCode: StatusCodes.Status404NotFound);
        }

        var course = ReadCourse(reader);
        await reader.NextResultAsync(cancellationToken);
        return TypedResults.Ok(new CourseDetail(course, await ReadExamsAsync(reader, cancellationToken)));
    }

    private static async Task<Ok<ExamList>> GetExamsAsync(
        [FromQuery, MaxLength(200), Description("Only the exams of this course, by its slug.")] string? course,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [ExamsSql], [PassMark(passMark), new NpgsqlParameter<string?> { TypedValue = course }], cancellationToken);
        return TypedResults.Ok(new ExamList(await ReadExamsAsync(reader, cancellationToken)));
    }

    private static async Task<List<Exam>> ReadExamsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var exams = new List<Exam>();
        while (await reader.ReadAsync(cancellationToken))
        {
            exams.Add(ReadExam(reader));
        }

        return exams;
    }

    private static NpgsqlParameter<decimal> PassMark(decimal? passMark) => new() { TypedValue = passMark ?? 70 };

    private static Course ReadCourse(NpgsqlDataReader reader)
    {
        var meanScore = reader.DoubleOrNull(8);
        var passRate = reader.DoubleOrNull(10);
        return new Course(
            reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5),
            reader.GetInt64(6), reader.GetInt64(7), meanScore, reader.DoubleOrNull(9), passRate,
            meanScore is null ? Reasons.NoCounts : null, passRate is null ? Reasons.NoAttempts : null);
    }

    private static Exam ReadExam(NpgsqlDataReader reader)
    {
        var meanScore = reader.DoubleOrNull(8);
        var passRate = reader.DoubleOrNull(10);
        return new Exam(
            reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
            reader.GetInt64(7), meanScore, reader.DoubleOrNull(9), passRate, reader.TimeOrNull(11), reader.TimeOrNull(12),
            meanScore is null ? Reasons.NoCounts : null, passRate is null ? Reasons.NoAttempts : null);
    }
}
