using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Attempts;

/// <summary>The attempts themselves: a list, and one of them question by question.</summary>
internal static class AttemptEndpoints
{
    /// <summary>The columns that <see cref="ReadAttempt"/> reads, of attempts joined with exams and courses.</summary>
    public const string Columns = """
        user_exam_id, user_id, name, slug, base_exam_id, certification, started_at, ended_at,
          (extract(epoch from ended_at - started_at) / 60)::float8, total, correct, (correct * 100::numeric / nullif(total, 0))::float8
        """;

    // $3 is the zone, $4 and $5 the first and last day in it, $6 the user, $7 the number of rows,
    // $8 and $9 the start (null on a page of attempts without one) and the attempt_id that the page comes after.
    private const string Filtered = $"""
        select attempt_id, {Columns}
        from attempts join exams using (exam_id) join courses using (course_id)
        where attempts.exam_id in {Scope.Exams} and ($6::text is null or user_id = $6)
        """;

    private const string StartedSql = $"""
        {Filtered}
          and ($4::date is null or started_at >= $4::date::timestamp at time zone $3)
          and ($5::date is null or started_at < ($5::date + 1)::timestamp at time zone $3)
          and ($9::bigint is null or started_at <= $8)
          and ($9::bigint is null or started_at < $8 or attempt_id < $9)
          and started_at is not null
        order by started_at desc, attempt_id desc
        limit $7
        """;

    private const string UnstartedSql = $"""
        {Filtered} and $4::date is null and $5::date is null and started_at is null and ($8::timestamptz is not null or $9::bigint is null or attempt_id < $9)
        order by attempt_id desc
        limit $7
        """;

    private const string DetailSql = $"""
        select attempt_id, {Columns}, keen_id, 1 + coalesce((select redeliveries from events where events.keen_id = attempts.keen_id), 0)::bigint,
          created_at, attempt_number, max_attempts, incorrect, incomplete, submitted, unanswered
        from attempts join exams using (exam_id) join courses using (course_id)
        where user_exam_id = $1
        """;

    private const string AnswersSql = """
        select answers.position + 1, question_id, user_result, user_correct, user_incomplete, user_submitted,
          (select max(at) from unnest(answered_at) at),
          array(select option_id from unnest(item_option_ids) with ordinality as shown (id, place) join item_options on item_option_id = id order by place),
          array(select is_correct from unnest(item_option_ids) with ordinality as shown (id, place) join item_options on item_option_id = id order by place),
          checked, answers.submitted, answered_at
        from attempts join answers using (attempt_id) join items using (item_id)
        where user_exam_id = $1
        order by answers.position
        """;

    private static readonly Attempt Example = new(
        "6d4089e4-bde5-4a22-b65f-18bce9ab79c8", null, "Learning Git", "learning-git", "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", false,
        new(2018, 1, 23, 14, 23, 19, 82, TimeSpan.Zero), new(2018, 1, 23, 14, 24, 0, 670, TimeSpan.Zero), 0.6931333, 4, 2, 50);

    private static readonly AttemptDetail DetailExample = new(Example)
    {
        KeenId = "5a6745820eb8ab00016be1f1",
        Deliveries = 1,
        CreatedAt = new(2018, 1, 23, 14, 24, 2, 735, TimeSpan.Zero),
        AttemptNumber = 1,
        MaxAttempts = 1,
        Incorrect = 1,
        Incomplete = 1,
        Submitted = 4,
        Unanswered = 0,
        Answers =
        [
            new Answer(1, "7a2ed6d3-f492-49b3-b8aa-d080a8aad986", "missed_some", false, true, true, new(2018, 1, 23, 14, 23, 24, 670, TimeSpan.Zero),
                [new AnsweredOption("49c574b4-5c82-4ffd-9bd1-c3358faf850d", true, true, true, new(2018, 1, 23, 14, 23, 24, 670, TimeSpan.Zero))]),
        ],
    };

    public static void MapAttempts(this IEndpointRouteBuilder attempts)
    {
        attempts.MapGet("", GetAttemptsAsync)
            .WithName("GetAttempts")
            .WithTags("Attempts")
            .WithSummary("Attempts")
            .WithDescription("Attempts by their newest event, the latest start first, a page at a time: give `next` back as `cursor` until it is null. In other shapes than JSON the next page is named by the header `Link`.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(new AttemptPage([Example], null), AnalyticsJson.Default.AttemptPage)
            .InShapes((AttemptPage page) => page.Attempts, AnalyticsJson.Default.Attempt);
        attempts.MapGet("/{userExamId}", GetAttemptAsync)
            .WithName("GetAttempt")
            .WithTags("Attempts")
            .WithSummary("One attempt, question by question")
            .WithDescription("An attempt by its user_exam_id, with every question and option as the student left them; as a table, a row a question.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(DetailExample, AnalyticsJson.Default.AttemptDetail)
            .InShapes((AttemptDetail attempt) => attempt.Answers, AnalyticsJson.Default.Answer);
    }

    /// <param name="reader">On a row that has <see cref="Columns"/>.</param>
    /// <param name="first">The first of them.</param>
    public static Attempt ReadAttempt(NpgsqlDataReader reader, int first) => new(
        reader.GetString(first), reader.TextOrNull(first + 1), reader.GetString(first + 2), reader.GetString(first + 3), reader.GetString(first + 4),
        reader.GetBoolean(first + 5), reader.TimeOrNull(first + 6), reader.TimeOrNull(first + 7), reader.DoubleOrNull(first + 8),
        reader.IntegerOrNull(first + 9), reader.IntegerOrNull(first + 10), reader.DoubleOrNull(first + 11));

    private static async Task<Results<Ok<AttemptPage>, ProblemHttpResult>> GetAttemptsAsync(
        [FromQuery, MaxLength(200), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(200), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, MaxLength(200), Description("Only the attempts of this user.")] string? user,
        [FromQuery, RegularExpression(Dates.ZonePattern), MaxLength(64), DefaultValue(Dates.Utc), Description("An IANA time zone, as Europe/Berlin, for the days.")] string? tz,
        [FromQuery, Description("Only started on this day, in the time zone, or later; from 1970-01-01 on.")] DateOnly? from,
        [FromQuery, Description("Only started on this day, in the time zone, or earlier; up to 2999-12-31.")] DateOnly? to,
        [FromQuery, Range(1, 1000), DefaultValue(100), Description("How many to answer at most.")] int? limit,
        [FromQuery, RegularExpression(AttemptCursor.Pattern), MaxLength(48), Description("Where the page starts: the `next` of the page before.")] string? cursor,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var dates = new Dates(tz ?? Dates.Utc, from, to);
        if (dates.Complaint is { } wrong)
        {
            return TypedResults.Problem(wrong, statusCode: StatusCodes.Status400BadRequest);
        }

        var after = default(AttemptCursor);
        if (cursor is not null && !AttemptCursor.TryParse(cursor, out after))
        {
            return TypedResults.Problem("The parameter cursor is the next of an earlier page.", statusCode: StatusCodes.Status400BadRequest);
        }

        var size = limit ?? 100;
        var onlyUnstarted = cursor is not null && after.StartedAt is null;
        var scope = Scope.Check(course, exam);
        var page = new Query(
            onlyUnstarted ? [UnstartedSql] : [StartedSql, UnstartedSql],
            [
                .. Scope.Parameters(course, exam),
                .. Dates.Parameters(dates),
                new NpgsqlParameter<string?> { TypedValue = user },
                new NpgsqlParameter<int> { TypedValue = size + 1 },
                new NpgsqlParameter<DateTime?> { TypedValue = after.StartedAt },
                new NpgsqlParameter<long?> { TypedValue = cursor is null ? null : after.AttemptId },
            ]);
        await using var reader = await database.QueryAsync(context, [scope, page], cancellationToken);
        if (await scope.ReadAsync(reader, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        var attempts = new List<(AttemptCursor Place, Attempt Attempt)>();
        do
        {
            while (attempts.Count <= size && await reader.ReadAsync(cancellationToken))
            {
                var attempt = ReadAttempt(reader, 1);
                attempts.Add((new AttemptCursor(attempt.StartedAt?.UtcDateTime, reader.GetInt64(0)), attempt));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));

        var next = attempts.Count > size ? attempts[size - 1].Place.ToString() : null;
        context.LinkNext(next);
        return TypedResults.Ok(new AttemptPage([.. attempts.Take(size).Select(row => row.Attempt)], next));
    }

    private static async Task<Results<Ok<AttemptDetail>, ProblemHttpResult>> GetAttemptAsync(
        [FromRoute, MaxLength(200), Description("The attempt's user_exam_id.")] string userExamId,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [DetailSql, AnswersSql], [new NpgsqlParameter<string> { TypedValue = userExamId }], cancellationToken);
        return (await reader.ReadAllAsync(ReadDetail, cancellationToken)).SingleOrDefault() is { } attempt
            ? TypedResults.Ok(attempt with { Answers = await reader.ReadAllAsync(ReadAnswer, cancellationToken) })
            : TypedResults.Problem($"There is no attempt \"{userExamId}\"; /api/attempts lists them.", statusCode: StatusCodes.Status404NotFound);
    }

    private static AttemptDetail ReadDetail(NpgsqlDataReader reader)
    {
        const int Own = 13;
        return new AttemptDetail(ReadAttempt(reader, 1))
        {
            KeenId = reader.GetString(Own),
            Deliveries = reader.GetInt64(Own + 1),
            CreatedAt = reader.TimeOrNull(Own + 2),
            AttemptNumber = reader.IntegerOrNull(Own + 3),
            MaxAttempts = reader.IntegerOrNull(Own + 4),
            Incorrect = reader.IntegerOrNull(Own + 5),
            Incomplete = reader.IntegerOrNull(Own + 6),
            Submitted = reader.IntegerOrNull(Own + 7),
            Unanswered = reader.IntegerOrNull(Own + 8),
            Answers = [],
        };
    }

    private static Answer ReadAnswer(NpgsqlDataReader reader)
    {
        var ids = reader.GetFieldValue<string[]>(7);
        var correct = reader.GetFieldValue<bool[]>(8);
        var chosen = reader.GetFieldValue<bool?[]>(9);
        var submitted = reader.GetFieldValue<bool?[]>(10);
        var touched = reader.GetFieldValue<DateTimeOffset?[]>(11);
        return new Answer(
            reader.GetInt32(0), reader.GetString(1), reader.TextOrNull(2), reader.TruthOrNull(3), reader.TruthOrNull(4), reader.TruthOrNull(5), reader.TimeOrNull(6),
            [.. ids.Select((id, place) => new AnsweredOption(id, correct[place], chosen[place], submitted[place], touched[place]))]);
    }
}
