using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Attempts;

/// <summary>The attempts themselves: a list, and one of them question by question.</summary>
internal static class AttemptEndpoints
{
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
            .WithDescription("Attempts by their newest event, the latest start first, a page at a time: give `next` back as `cursor` until it is null. In "
                + "other shapes than JSON the next page is named by the header `Link`.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(new AttemptPage([Example], null), AnalyticsJson.Default.AttemptPage)
            .InShapes((AttemptPage page) => page.Attempts, AnalyticsJson.Default.Attempt);
        attempts.MapGet("/{userExamId}", GetAttemptAsync)
            .WithName("GetAttempt")
            .WithTags("Attempts")
            .WithSummary("One attempt, question by question")
            .WithDescription("An attempt by its user_exam_id, with every question and option as the student left them; as a table, a row a question.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesNoFilter("the address names the attempt")
            .WithExample(DetailExample, AnalyticsJson.Default.AttemptDetail)
            .InShapes((AttemptDetail attempt) => attempt.Answers, AnalyticsJson.Default.Answer);
    }

    private static async Task<Results<Ok<AttemptPage>, ProblemHttpResult>> GetAttemptsAsync(
        Filter filter,
        [FromQuery, Range(1, 1000), DefaultValue(100), Description("How many to answer at most.")] int? limit,
        [FromQuery, RegularExpression(AttemptCursor.Pattern), MaxLength(48),
            Description("Where the page starts: the `next` of the page before.")] string? cursor,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var after = default(AttemptCursor);
        if (cursor is not null && !AttemptCursor.TryParse(cursor, out after))
        {
            return TypedResults.Problem("The parameter cursor is the next of an earlier page.", statusCode: StatusCodes.Status400BadRequest);
        }

        var size = limit ?? 100;
        var page = AttemptQuery.Page(filter, size + 1, cursor is null ? null : after);
        var (attempts, unknown) = await database.FindAsync(context, filter, page, cancellationToken);
        if (attempts is null)
        {
            return FilteredAnswers.NotFound(unknown!);
        }

        var next = attempts.Count > size ? attempts[size - 1].Place.ToString() : null;
        context.LinkNext(next);
        return TypedResults.Ok(new AttemptPage([.. attempts.Take(size).Select(row => row.Attempt)], next));
    }

    private static async Task<Results<Ok<AttemptDetail>, ProblemHttpResult>> GetAttemptAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The attempt's user_exam_id.")] string userExamId,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        return await database.AnswerAsync(context, AttemptQuery.One(userExamId), cancellationToken) is { } attempt
            ? TypedResults.Ok(attempt)
            : TypedResults.Problem($"There is no attempt \"{userExamId}\"; /api/attempts lists them.", statusCode: StatusCodes.Status404NotFound);
    }
}
