using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Courses;

/// <summary>Courses by popularity, and one with its exams.</summary>
internal static class CourseEndpoints
{
    private static readonly AttemptFigures ExampleFigures =
        new(394, 4, 390, 0, 67.589743590, 67.614213198, 61.282051282, 5, 68.717948718, 0.346153846, 0.135897436, 0, 0);

    private static readonly Course Example =
        new(ExampleFigures) { Name = "Learning Git", Slug = "learning-git", Students = 390, Exams = 1, RepeatTakers = null };

    private static readonly Exam ExampleExam = new(ExampleFigures)
    {
        BaseExamId = "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc",
        Course = "Learning Git",
        CourseSlug = "learning-git",
        Questions = 5,
        FirstStart = new(2017, 11, 21, 2, 14, 9, TimeSpan.Zero),
        LastStart = new(2018, 1, 28, 10, 41, 55, TimeSpan.Zero),
    };

    public static void MapCourses(this IEndpointRouteBuilder api)
    {
        var courses = api.MapGroup("/courses").WithTags("Courses");
        courses.MapGet("", GetCoursesAsync)
            .WithName("GetCourses")
            .WithSummary("All courses")
            .WithDescription("Every course with its messages, attempts, students, scores, pass rate, completion and repeat takers; the most popular first "
                + "unless sorted otherwise, the least popular by `sort=attempts,name`.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter()
            .WithExample(new CourseList([Example]), AnalyticsJson.Default.CourseList)
            .InShapes((CourseList list) => list.Courses, AnalyticsJson.Default.Course);
        courses.MapGet("/{slug}", GetCourseAsync)
            .WithName("GetCourse")
            .WithSummary("One course")
            .WithDescription("A course's figures and those of each of its exam ids.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.Course, "the address names the course"))
            .WithExample(new CourseDetail(Example, [ExampleExam]), AnalyticsJson.Default.CourseDetail)
            .InShapes((CourseDetail course) => course.ByExam, AnalyticsJson.Default.Exam);
        api.MapGet("/exams", GetExamsAsync)
            .WithName("GetExams")
            .WithTags("Courses")
            .WithSummary("All exams")
            .WithDescription("Every exam id with its course, most messages first.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter()
            .WithExample(new ExamList([ExampleExam]), AnalyticsJson.Default.ExamList)
            .InShapes((ExamList list) => list.Exams, AnalyticsJson.Default.Exam);
    }

    private static async Task<Results<Ok<CourseList>, ProblemHttpResult>> GetCoursesAsync(
        [FromQuery, RegularExpression(CourseOrder.Pattern, ErrorMessage = CourseOrder.Complaint), MaxLength(200), DefaultValue(CourseOrder.Default)]
        [Description("Fields to sort by, separated by commas, each with a hyphen in front for descending: name, slug, messages, attempts, students, exams, "
            + "meanScore, passRate. Nulls come last.")]
        string? sort,
        [FromQuery, Range(0, int.MaxValue), Description("Only courses with exactly so many attempts.")] int? attempts,
        [FromQuery, Range(1, 10_000), Description("Only so many, the first ones in the order asked for.")] int? limit,
        [FromQuery, MaxLength(Filter.LongestName), Description("Only courses whose name contains this, in any case.")] string? name,
        Filter filter,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (courses, unknown) = await database.FindAsync(context, filter, CourseQuery.All(filter), cancellationToken);
        if (courses is null)
        {
            return FilteredAnswers.NotFound(unknown!);
        }

        var found = courses.Where(course => (attempts is null || course.Attempts == attempts)
            && (name is null || course.Name.Contains(name, StringComparison.OrdinalIgnoreCase)));
        return TypedResults.Ok(new CourseList([.. CourseOrder.Sort(found, sort ?? CourseOrder.Default).Take(limit ?? int.MaxValue)]));
    }

    private static async Task<Results<Ok<CourseDetail>, ProblemHttpResult>> GetCourseAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        var (known, course, exams) = (Known.Check(filter), CourseQuery.One(filter), CourseQuery.Exams(filter));
        await using var reader = await database.QueryAsync(context, [known, course, exams], cancellationToken);
        return await known.ReadAsync(reader, cancellationToken) is { } unknown ? FilteredAnswers.NotFound(unknown)
            : await course.ReadAsync(reader, cancellationToken) is { } found
                ? TypedResults.Ok(new CourseDetail(found, await exams.ReadAsync(reader, cancellationToken)))
            : FilteredAnswers.NotFound($"There is no course \"{slug}\"; /api/courses lists them.");
    }

    private static async Task<Results<Ok<ExamList>, ProblemHttpResult>> GetExamsAsync(
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await database.FindAsync(context, filter, CourseQuery.Exams(filter), cancellationToken) is var (exams, unknown) && exams is not null
            ? TypedResults.Ok(new ExamList(exams))
            : FilteredAnswers.NotFound(unknown!);
}
