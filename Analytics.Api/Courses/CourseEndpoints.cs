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
            .WithDescription("Every course with its messages, attempts, students, scores, pass rate, completion and repeat takers; the most popular first unless sorted otherwise, the least popular by `sort=attempts,name`.")
            .WithExample(new CourseList([Example]), AnalyticsJson.Default.CourseList)
            .InShapes((CourseList list) => list.Courses, AnalyticsJson.Default.Course);
        courses.MapGet("/{slug}", GetCourseAsync)
            .WithName("GetCourse")
            .WithSummary("One course")
            .WithDescription("A course's figures and those of each of its exam ids.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(new CourseDetail(Example, [ExampleExam]), AnalyticsJson.Default.CourseDetail)
            .InShapes((CourseDetail course) => course.ByExam, AnalyticsJson.Default.Exam);
        api.MapGet("/exams", GetExamsAsync)
            .WithName("GetExams")
            .WithTags("Courses")
            .WithSummary("All exams")
            .WithDescription("Every exam id with its course, most messages first.")
            .WithExample(new ExamList([ExampleExam]), AnalyticsJson.Default.ExamList)
            .InShapes((ExamList list) => list.Exams, AnalyticsJson.Default.Exam);
    }

    private static async Task<Ok<CourseList>> GetCoursesAsync(
        [FromQuery, RegularExpression(CourseOrder.Pattern, ErrorMessage = CourseOrder.Complaint), MaxLength(200), DefaultValue(CourseOrder.Default)]
        [Description("Fields to sort by, separated by commas, each with a hyphen in front for descending: name, slug, messages, attempts, students, exams, meanScore, passRate. Nulls come last.")]
        string? sort,
        [FromQuery, Range(0, int.MaxValue), Description("Only courses with exactly so many attempts.")] int? attempts,
        [FromQuery, Range(1, 10_000), Description("Only so many, the first ones in the order asked for.")] int? limit,
        [FromQuery, MaxLength(Scope.LongestName), Description("Only courses whose name contains this, in any case.")] string? name,
        [FromQuery, Range(0.0, 100.0), DefaultValue(PassMark.Default), Description(PassMark.Description)] double? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var courses = (await database.AnswerAsync(context, CourseQuery.All(PassMark.Of(passMark)), cancellationToken))
            .Where(course => (attempts is null || course.Attempts == attempts)
                && (name is null || course.Name.Contains(name, StringComparison.OrdinalIgnoreCase)));
        return TypedResults.Ok(new CourseList([.. CourseOrder.Sort(courses, sort ?? CourseOrder.Default).Take(limit ?? int.MaxValue)]));
    }

    private static async Task<Results<Ok<CourseDetail>, ProblemHttpResult>> GetCourseAsync(
        [FromRoute, MaxLength(Scope.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, Range(0.0, 100.0), DefaultValue(PassMark.Default), Description(PassMark.Description)] double? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (course, exams) = (CourseQuery.One(slug, PassMark.Of(passMark)), CourseQuery.Exams(slug, PassMark.Of(passMark)));
        await using var reader = await database.QueryAsync(context, [course, exams], cancellationToken);
        return await course.ReadAsync(reader, cancellationToken) is { } found
            ? TypedResults.Ok(new CourseDetail(found, await exams.ReadAsync(reader, cancellationToken)))
            : TypedResults.Problem($"There is no course \"{slug}\"; /api/courses lists them.", statusCode: StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<ExamList>> GetExamsAsync(
        [FromQuery, MaxLength(Scope.LongestName), Description("Only the exams of this course, by its slug.")] string? course,
        [FromQuery, Range(0.0, 100.0), DefaultValue(PassMark.Default), Description(PassMark.Description)] double? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ExamList(await database.AnswerAsync(context, CourseQuery.Exams(course, PassMark.Of(passMark)), cancellationToken)));
}
