using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Attempts;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Students;

/// <summary>Who took what, and whether they grow.</summary>
internal static class StudentEndpoints
{

    private const string GrowthSql = $"""
        with scored as (
          select user_id, correct * 100::numeric / total score,
            row_number() over student number, first_value(correct * 100::numeric / total) over student first_score
          from attempts
          where user_id is not null and total > 0 and correct is not null
          window student as (partition by user_id order by started_at nulls last, attempt_id))
        select number, count(*) students, avg(score)::float8 mean_score, avg(score - first_score)::float8 mean_gain,
          stddev_samp(score - first_score)::float8 gain_deviation, count(*) filter (where score > first_score) improved
        from scored
        where number <= 100
        group by number
        order by number
        """;

    private const string NameSql = "select name from courses where slug = $1";


    private static readonly Attempt ExampleAttempt = new(
        "6d4089e4-bde5-4a22-b65f-18bce9ab79c8", "u-17", "Learning Git", "learning-git", "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", false,
        new(2018, 1, 23, 14, 23, 19, 82, TimeSpan.Zero), new(2018, 1, 23, 14, 24, 0, 670, TimeSpan.Zero), 0.6931333, 4, 2, 50);

    public static void MapStudents(this IEndpointRouteBuilder api)
    {
        var students = api.MapGroup("/students").WithTags("Students");
        students.MapGet("", GetStudentsAsync)
            .WithName("GetStudents")
            .WithSummary("Named users")
            .WithDescription("Users whom events name, with their first, last and best score, a page at a time; `minAttempts=2` are the repeat takers. An "
                + "attempt that names no user is a student of its own: /api/attempts lists it.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(
                new StudentPage([new Student("u-17", 2, new(2018, 1, 2, 9, 0, 0, TimeSpan.Zero), new(2018, 1, 23, 14, 23, 19, TimeSpan.Zero), 50, 75, 75)],
                    null),
                AnalyticsJson.Default.StudentPage)
            .InShapes((StudentPage page) => page.Students, AnalyticsJson.Default.Student);
        students.MapGet("/at-risk", GetAtRiskAsync)
            .WithName("GetStudentsAtRisk")
            .WithSummary("Who needs help")
            .WithDescription($"Named users to whom one of three rules applies in a course: {AtRiskRules.FallingSentence} {AtRiskRules.UnansweredSentence} {AtRiskRules.IdleSentence} Those to whom most apply first; 1,000 at most.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter()
            .WithExample(
                new StudentsAtRisk(
                    [new StudentAtRisk("u-17", "Learning Git", "learning-git", 2, new(2018, 1, 23, 14, 23, 19, TimeSpan.Zero), 75, 50, 20, true, false,
                    false)]),
                AnalyticsJson.Default.StudentsAtRisk)
            .InShapes((StudentsAtRisk list) => list.Students, AnalyticsJson.Default.StudentAtRisk);
        students.MapGet("/{id}", GetStudentAsync)
            .WithName("GetStudent")
            .WithSummary("One student's attempts and growth")
            .WithDescription("By user_id, or by user_exam_id where the attempt names no user: every attempt in order, the gain from one to the next, and "
                + "the growth in each course.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.User, "the address names the student"), (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(
                new StudentDetail(
                    "u-17", true, 1, [new CourseGrowth("Learning Git", "learning-git", 1, 50, 50, 50, null, StudentQuery.OneScore)],
                    [new StudentAttempt(ExampleAttempt, 1, null)]),
                AnalyticsJson.Default.StudentDetail)
            .InShapes((StudentDetail student) => student.Taken, AnalyticsJson.Default.StudentAttempt);
        api.MapGet("/courses/{slug}/growth", GetGrowthAsync)
            .WithName("GetGrowth")
            .WithTags("Students")
            .WithSummary("Growth across attempts")
            .WithDescription("How a course's named users do in their first, second, third scored attempt, and how much they gain on their own first one. Up "
                + "to the hundredth attempt.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter(
                (FilterWords.Course, "the address names the course"),
                (FilterWords.Take, "growth is told by all of a student's attempts"),
                (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(
                new GrowthSeries("Learning Git", "learning-git", 40, 12, [new GrowthStep(1, 40, 61.5, 0, 0, 0), new GrowthStep(2, 12, 74.2, 15.4, 9.8, 9)]),
                AnalyticsJson.Default.GrowthSeries)
            .InShapes((GrowthSeries growth) => growth.Steps, AnalyticsJson.Default.GrowthStep);
    }

    private static async Task<Results<Ok<StudentPage>, ProblemHttpResult>> GetStudentsAsync(
        Filter filter,
        [FromQuery, Range(1, int.MaxValue), DefaultValue(1), Description("Only users with at least so many attempts.")] int? minAttempts,
        [FromQuery, Range(1, 1000), DefaultValue(100), Description("How many to answer at most.")] int? limit,
        [FromQuery, MaxLength(Filter.LongestName), Description("Where the page starts: the `next` of the page before.")] string? cursor,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var size = limit ?? 100;
        var (students, unknown) = await database.FindAsync(context, filter, StudentQuery.Page(filter, minAttempts ?? 1, cursor, size + 1), cancellationToken);
        if (students is null)
        {
            return FilteredAnswers.NotFound(unknown!);
        }

        var next = students.Count > size ? students[size - 1].UserId : null;
        context.LinkNext(next);
        return TypedResults.Ok(new StudentPage([.. students.Take(size)], next));
    }

    private static async Task<Results<Ok<StudentDetail>, ProblemHttpResult>> GetStudentAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The user_id, or the user_exam_id of an attempt that names no user.")] string id,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { User = id };
        var (student, unknown) = await StudentQuery.ReadOneAsync(context, database, filter, cancellationToken);
        return student is null ? FilteredAnswers.NotFound(unknown!) : TypedResults.Ok(student);
    }

    private static Task<Results<Ok<StudentsAtRisk>, ProblemHttpResult>> GetAtRiskAsync(
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        database.AnswerAsync(context, filter, AtRiskQuery.Of(filter), cancellationToken);

    private static async Task<Results<Ok<GrowthSeries>, ProblemHttpResult>> GetGrowthAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        var growth = filter.RowQuery(
            FilterParts.None, [NameSql, GrowthSql], [new NpgsqlParameter<string> { TypedValue = slug }],
            async (reader, cancel) => (
                Name: (await reader.ReadAllAsync(row => row.Get<string>("name"), cancel)).SingleOrDefault(),
                Steps: await reader.ReadAllAsync(
                    row => new GrowthStep(
                        row.Get<long>("number"), row.Get<long>("students"), row.Get<double>("mean_score"), row.Get<double>("mean_gain"),
                        row.Get<double?>("gain_deviation"), row.Get<long>("improved")),
                    cancel)));
        var ((name, steps), unknown) = await database.FindAsync(context, filter, growth, cancellationToken);
        return unknown is not null ? FilteredAnswers.NotFound(unknown) : TypedResults.Ok(new GrowthSeries(
            name!, slug, steps.ElementAtOrDefault(0)?.Students ?? 0, steps.ElementAtOrDefault(1)?.Students ?? 0, steps,
            steps.Count switch
            {
                0 => "No attempt here names its user and states its counts.",
                1 => "Nobody named has two attempts with a score.",
                _ => null,
            }));
    }
}
