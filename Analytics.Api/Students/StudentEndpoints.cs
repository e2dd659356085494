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
    private const string MaxAttempts = "1000";
    private const string OneScore = "Growth needs two attempts with a score.";

    // $1 is the course's slug, null for all, $2 the base_exam_id, $3 the least number of attempts, $4 the user that the page comes after, $5 the number of rows.
    private const string PageSql = """
        select users.user_id, users.attempts, first_start, last_start, scores[1] first_score, scores[array_length(scores, 1)] last_score, best
        from (
            select user_id, attempts
            from course_users
            where course_id = (case when $1::text is null then 0 else (select course_id from courses where slug = $1) end)
              and attempts >= $3 and ($4::text is null or user_id > $4 collate "C")
            order by user_id
            limit $5) users
          cross join lateral (
            select min(started_at) first_start, max(started_at) last_start,
              array_agg((correct * 100::numeric / total)::float8 order by started_at, attempt_id) filter (where total > 0 and correct is not null) scores,
              max((correct * 100::numeric / nullif(total, 0))::float8) best
            from attempts join exams using (exam_id) join courses using (course_id)
            where attempts.user_id = users.user_id and ($1::text is null or slug = $1) and ($2::text is null or base_exam_id = $2)) figures
        order by users.user_id
        """;

    private const string TakenSql = $"""
        select * from (
          select attempt_id, {AttemptQuery.Columns}, count(*) over () taken
          from attempts join exams using (exam_id) join courses using (course_id)
          order by started_at desc nulls first, attempt_id desc
          limit {MaxAttempts}) latest
        order by started_at nulls last, attempt_id
        """;

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

    private const string NamedSql = "select exists (select from attempts where user_id = $1) named";

    private static readonly Attempt ExampleAttempt = new(
        "6d4089e4-bde5-4a22-b65f-18bce9ab79c8", "u-17", "Learning Git", "learning-git", "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", false,
        new(2018, 1, 23, 14, 23, 19, 82, TimeSpan.Zero), new(2018, 1, 23, 14, 24, 0, 670, TimeSpan.Zero), 0.6931333, 4, 2, 50);

    public static void MapStudents(this IEndpointRouteBuilder api)
    {
        var students = api.MapGroup("/students").WithTags("Students");
        students.MapGet("", GetStudentsAsync)
            .WithName("GetStudents")
            .WithSummary("Named users")
            .WithDescription("Users whom events name, with their first, last and best score, a page at a time; `minAttempts=2` are the repeat takers. An attempt that names no user is a student of its own: /api/attempts lists it.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(
                new StudentPage([new Student("u-17", 2, new(2018, 1, 2, 9, 0, 0, TimeSpan.Zero), new(2018, 1, 23, 14, 23, 19, TimeSpan.Zero), 50, 75, 75)], null),
                AnalyticsJson.Default.StudentPage)
            .InShapes((StudentPage page) => page.Students, AnalyticsJson.Default.Student);
        students.MapGet("/{id}", GetStudentAsync)
            .WithName("GetStudent")
            .WithSummary("One student's attempts and growth")
            .WithDescription("By user_id, or by user_exam_id where the attempt names no user: every attempt in order, the gain from one to the next, and the growth in each course.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.User, "the address names the student"), (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(
                new StudentDetail(
                    "u-17", true, 1, [new CourseGrowth("Learning Git", "learning-git", 1, 50, 50, 50, null, OneScore)], [new StudentAttempt(ExampleAttempt, 1, null)]),
                AnalyticsJson.Default.StudentDetail)
            .InShapes((StudentDetail student) => student.Taken, AnalyticsJson.Default.StudentAttempt);
        api.MapGet("/courses/{slug}/growth", GetGrowthAsync)
            .WithName("GetGrowth")
            .WithTags("Students")
            .WithSummary("Growth across attempts")
            .WithDescription("How a course's named users do in their first, second, third scored attempt, and how much they gain on their own first one. Up to the hundredth attempt.")
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
        NpgsqlParameter[] parameters =
        [
            .. Scope.Parameters(filter),
            new NpgsqlParameter<int> { TypedValue = minAttempts ?? 1 },
            new NpgsqlParameter<string?> { TypedValue = cursor },
            new NpgsqlParameter<int> { TypedValue = size + 1 },
        ];
        var page = filter.RowQuery(
            FilterParts.Course, [PageSql], parameters,
            (reader, cancel) => reader.ReadAllAsync(
                row => new Student(
                    row.Get<string>("user_id"), row.Get<long>("attempts"), row.Get<DateTimeOffset?>("first_start"), row.Get<DateTimeOffset?>("last_start"),
                    row.Get<double?>("first_score"), row.Get<double?>("last_score"), row.Get<double?>("best")),
                cancel));
        var (students, unknown) = await database.FindAsync(context, filter, page, cancellationToken);
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
        var (known, named) = (Known.Check(filter), new Query<bool>([NamedSql], [new NpgsqlParameter<string> { TypedValue = id }], ReadNamedAsync));
        var taken = filter.RowQuery(
            FilterParts.None, [TakenSql], [],
            (reader, cancel) => reader.ReadAllAsync(row => (Attempt: AttemptQuery.Read(row), All: row.Get<long>("taken")), cancel));
        await using var reader = await database.QueryAsync(context, [known, named, taken], cancellationToken);
        if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
        {
            return FilteredAnswers.NotFound(unknown);
        }

        var isNamed = await named.ReadAsync(reader, cancellationToken);
        var rows = await taken.ReadAsync(reader, cancellationToken);
        var attempts = rows.ConvertAll(row => row.Attempt);
        return TypedResults.Ok(new StudentDetail(
            id, isNamed, rows.Count == 0 ? 0 : rows[0].All, [.. attempts.GroupBy(attempt => attempt.CourseSlug).Select(Growth)], Numbered(attempts)));

        static async Task<bool> ReadNamedAsync(NpgsqlDataReader reader, CancellationToken cancel) => (await reader.ReadAllAsync(row => row.Get<bool>("named"), cancel)).Single();
    }

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
            steps.Count switch { 0 => "No attempt here names its user and states its counts.", 1 => "Nobody named has two attempts with a score.", _ => null }));
    }

    private static CourseGrowth Growth(IGrouping<string, Attempt> course)
    {
        var scores = course.Select(attempt => attempt.Score).OfType<double>().ToArray();
        return new CourseGrowth(
            course.First().Course, course.Key, course.Count(),
            scores.Length == 0 ? null : scores[0], scores.Length == 0 ? null : scores[^1], scores.Length == 0 ? null : scores.Max(),
            scores.Length < 2 ? null : scores[^1] - scores[0], scores.Length < 2 ? OneScore : null);
    }

    private static StudentAttempt[] Numbered(List<Attempt> taken)
    {
        var before = new Dictionary<string, (long Number, double? Score)>(StringComparer.Ordinal);
        return [.. taken.Select(Number)];

        StudentAttempt Number(Attempt attempt)
        {
            var (number, score) = before.GetValueOrDefault(attempt.CourseSlug);
            before[attempt.CourseSlug] = (number + 1, attempt.Score ?? score);
            return new StudentAttempt(attempt, number + 1, attempt.Score - score);
        }
    }
}
