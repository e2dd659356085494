using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Caching;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Publishing;

namespace Analytics.Api.DeadLetters;

/// <summary>What is no event: found, grouped, looked at, repaired and sent again.</summary>
internal static class DeadLetterEndpoints
{
    private const int LongestReason = 2_000;

    private static readonly DeadLetter Example = new(
        17, "assessment-attempts", 2, 1091, new(2018, 1, 23, 14, 24, 2, 735, TimeSpan.Zero), 9,
        "The event is not a JSON object.", new(2018, 1, 23, 14, 24, 3, TimeSpan.Zero), "january.ndjson", 4711, null, null);

    private static readonly DeadLetterGroup ExampleGroup = new(
        "started_at at byte … is neither an ISO 8601 date and time nor a number of seconds or milliseconds since 1970, within the years 1 to 9999.",
        124, 124, new(2018, 1, 23, 14, 24, 3, TimeSpan.Zero), new(2018, 1, 23, 14, 24, 9, TimeSpan.Zero), 140, "january.ndjson", 9002);

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("/dead-letters").WithTags("Dead letters").TakesNoFilter("dead letters are no attempts");
        var readings = letters.MapGroup("").RequireScope(Scopes.Read).AnswerUnchanged();
        readings.MapGet("", GetDeadLettersAsync)
            .WithName("GetDeadLetters")
            .WithSummary("Records that are no events")
            .WithDescription("The newest first, a page at a time: give `next` back as `cursor` until it is null.")
            .WithExample(new DeadLetterPage([Example], 17), AnalyticsJson.Default.DeadLetterPage)
            .InShapes((DeadLetterPage page) => page.DeadLetters, AnalyticsJson.Default.DeadLetter);
        readings.MapGet("/groups", GetGroupsAsync)
            .WithName("GetDeadLetterGroups")
            .WithSummary("Records that are no events, by reason")
            .WithDescription("What has the same cause is one group, the one with the most unrepaired first; 1,000 groups at most.")
            .WithExample(new DeadLetterGroups([ExampleGroup]), AnalyticsJson.Default.DeadLetterGroups)
            .InShapes((DeadLetterGroups groups) => groups.Groups, AnalyticsJson.Default.DeadLetterGroup);
        readings.MapGet("/{id}", GetDeadLetterAsync)
            .WithName("GetDeadLetter")
            .WithSummary("One dead letter, whole")
            .WithDescription("With headers, key and value as they were on Kafka; the bytes in base64.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(
                new DeadLetterDetail(Example, JsonElement.Parse("{}"), null, Encoding.UTF8.GetBytes("not json!")), AnalyticsJson.Default.DeadLetterDetail);
        readings.MapGet("/{id}/raw", GetRawAsync)
            .WithName("GetDeadLetterRaw")
            .WithSummary("A dead letter's bytes")
            .WithDescription("The record's value, byte for byte; 204 if it has none.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
        letters.MapPost("/replay", PostGroupReplayAsync)
            .RequireScope(Scopes.Admin)
            .WithName("PostGroupReplay")
            .WithSummary("Send all dead letters of a reason again")
            .WithDescription("Publishes the originals of a group that are not repaired and are events by now, " +
                "as after an update that reads what was refused before. " +
                "What still is no event is counted and not sent. " +
                "Once ingest has met one again it is marked as replayed, and as repaired if it was an event.")
            .WithExample(new GroupReplay(120, 4, "Dead letter 21: user_exam_id is missing.", 140), AnalyticsJson.Default.GroupReplay);
        letters.MapPost("/{id}/replay", PostReplayAsync)
            .RequireScope(Scopes.Admin)
            .RefuseOtherContentTypes("application/json")
            .WithName("PostReplay")
            .WithSummary("Send a dead letter again")
            .WithDescription("Publishes the repaired event in the body, or, without a body, the original as it is. " +
                "What still is no event is refused with the reason. " +
                "The dead letter stays as a record of what came; " +
                "the new record's header `replay-of` names it, and ingest marks it as replayed and repaired.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithExample(new Replay(17, "assessment-attempts", "6d4089e4-bde5-4a22-b65f-18bce9ab79c8", true), AnalyticsJson.Default.Replay)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Description = "The repaired event, at most 1 MiB.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
                    },
                };
                return Task.CompletedTask;
            });
    }

    private static async Task<Ok<DeadLetterPage>> GetDeadLettersAsync(
        [FromQuery, MaxLength(LongestReason), Description("Only those of this group, by the `reason` that /api/dead-letters/groups gives.")] string? reason,
        [FromQuery, Description("true for those that are not repaired, false for those that are.")] bool? open,
        [FromQuery, Range(1, 1000), DefaultValue(100), Description("How many to answer at most.")] int? limit,
        [FromQuery, Range(1.0, 9e18), Description("Where the page starts: the `next` of the page before.")] long? cursor,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var size = limit ?? 100;
        var letters = await database.ReadPageAsync(context, cursor ?? long.MaxValue, reason, open, size, cancellationToken);
        var page = letters.Take(size).ToArray();
        long? next = letters.Count > size ? page[^1].Id : null;
        context.LinkNext(next?.ToString(CultureInfo.InvariantCulture));
        return TypedResults.Ok(new DeadLetterPage(page, next));
    }

    private static async Task<Ok<DeadLetterGroups>> GetGroupsAsync(HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DeadLetterGroups(await database.ReadGroupsAsync(context, cancellationToken)));

    private static async Task<Results<Ok<DeadLetterDetail>, ProblemHttpResult>> GetDeadLetterAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await database.FindAsync(context, id, cancellationToken) is { } letter ? TypedResults.Ok(letter) : NotFound(id);

    private static async Task<Results<FileContentHttpResult, NoContent, ProblemHttpResult>> GetRawAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await database.FindAsync(context, id, cancellationToken) switch
        {
            null => NotFound(id),
            { Value: null } => TypedResults.NoContent(),
            { Value: var value } => TypedResults.Bytes(value),
        };

    private static async Task<Results<Ok<GroupReplay>, ProblemHttpResult>> PostGroupReplayAsync(
        [FromQuery, Required, MaxLength(LongestReason), Description("The group, by the `reason` that /api/dead-letters/groups gives.")] string reason,
        HttpContext context, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        var (answer, failure) = await replay.SendGroupAsync(reason, cancellationToken);
        return failure is null ? TypedResults.Ok(answer) : KafkaFailed(context, failure, $"took {answer.Sent} events and no more");
    }

    private static async Task<Results<Ok<Replay>, ProblemHttpResult>> PostReplayAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        if (await database.FindAsync(context, id, cancellationToken) is not { } letter)
        {
            return NotFound(id);
        }

        var body = await context.Request.BodyReader.ReadAllAsync(cancellationToken);
        var repaired = body.Length > 0;
        var value = repaired ? body : letter.Value ?? [];
        if (!EventCheck.TryReadKey(value, out var key, out var reason))
        {
            return TypedResults.Problem(
                repaired ? $"The body is no event either: {reason}" : $"The original is no event: {reason} Send the repaired event as the body.",
                statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        if (await replay.SendAsync(id, key, value, cancellationToken) is { } failure)
        {
            return KafkaFailed(context, failure, "did not take the event");
        }

        context.NoteForAudit("one event sent again");

        // The answer is about what was sent, not a version of the data.
        context.Response.Headers.Remove("ETag");
        return TypedResults.Ok(new Replay(id, replay.Topic, Encoding.UTF8.GetString(key), repaired));
    }

    private static ProblemHttpResult NotFound(long id) =>
        TypedResults.Problem($"There is no dead letter {id}; /api/dead-letters lists them.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult KafkaFailed(HttpContext context, Error failure, string what)
    {
        context.Response.Headers.RetryAfter = "2";
        return TypedResults.Problem($"Kafka {what}: {failure.Reason}.", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
