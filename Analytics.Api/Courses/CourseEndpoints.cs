using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Courses;

/// <summary>Courses by popularity, and one with its exams.</summary>
internal static class CourseEndpoints
{
    private static readonly Course Example = new(
        "Learning Git", "learning-git", 394, 4, 390, 390, 1, 0, 67.614213198, 67.589743590, 61.282051282,
        5, 68.717948718, 0.346153846, 0.135897436, null, RepeatTakersReason: Reasons.NoUsers);

    private static readonly CourseDetail DetailExample = new(
        Example,
        [new Exam("1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", "Learning Git", "learning-git", 394, 4, 390, 0, 5, 67.614213198, 67.589743590, 61.282051282,
            new(2017, 11, 21, 2, 14, 9, TimeSpan.Zero), new(2018, 1, 28, 10, 41, 55, TimeSpan.Zero), 5, 68.717948718, 0.346153846, 0.135897436)]);

    public static void MapCourses(this IEndpointRouteBuilder api)
    {
        var courses = api.MapGroup("/courses").WithTags("Courses");
        courses.MapGet("", GetCoursesAsync)
            .WithName("GetCourses")
            .WithSummary("All courses")
            .WithDescription("Every course with its messages, attempts, students, scores, pass rate, completion and repeat takers; the most popular first unless sorted otherwise, the least popular by `sort=attempts,name`.")
            .WithExample(new CourseList([Example]), AnalyticsJson.Default.CourseList)
            .InShapes((CourseList list) => list.Courses, AnalyticsJson.Default.Course);
        courses.MapGet("/{slug}", GetCourseAsync)
            .WithName("GetCourse")
            .WithSummary("One course")
            .WithDescription("A course's figures and those of each of its exam ids.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(DetailExample, AnalyticsJson.Default.CourseDetail)
            .InShapes((CourseDetail course) => course.ByExam, AnalyticsJson.Default.Exam);
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
        var courses = (await database.AnswerAsync(context, CourseQuery.All(passMark ?? 70), cancellationToken))
            .Where(course => (attempts is null || course.Attempts == attempts)
                && (name is null || course.Name.Contains(name, StringComparison.OrdinalIgnoreCase)));
        return TypedResults.Ok(new CourseList([.. CourseOrder.Sort(courses, sort ?? CourseOrder.Default).Take(limit ?? int.MaxValue)]));
    }

    private static async Task<Results<Ok<CourseDetail>, ProblemHttpResult>> GetCourseAsync(
        [FromRoute, MaxLength(200), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (course, exams) = (CourseQuery.One(slug, passMark ?? 70), CourseQuery.Exams(slug, passMark ?? 70));
        await using var reader = await database.QueryAsync(context, [course, exams], cancellationToken);
        return await course.ReadAsync(reader, cancellationToken) is { } found
            ? TypedResults.Ok(new CourseDetail(found, await exams.ReadAsync(reader, cancellationToken)))
            : TypedResults.Problem($"There is no course \"{slug}\"; /api/courses lists them.", statusCode: StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<ExamList>> GetExamsAsync(
        [FromQuery, MaxLength(200), Description("Only the exams of this course, by its slug.")] string? course,
        [FromQuery, Range(0.0, 100.0), DefaultValue(typeof(decimal), "70"), Description("Percent that a score must be over to pass.")] decimal? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ExamList(await database.AnswerAsync(context, CourseQuery.Exams(course, passMark ?? 70), cancellationToken)));
}
