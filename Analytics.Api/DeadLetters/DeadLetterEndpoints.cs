using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Analytics.Api.Access;
using Analytics.Api.Caching;
using Analytics.Api.Database;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Npgsql;
using Publishing;

namespace Analytics.Api.DeadLetters;

/// <summary>What is no event: found, looked at, repaired and sent again.</summary>
internal static class DeadLetterEndpoints
{
    private const string Columns = "dead_letter_id, topic, partition, kafka_offset, kafka_timestamp, octet_length(value) bytes, reason, recorded_at";

    private const string PageSql = $"""
        select {Columns}
        from dead_letters
        where dead_letter_id < $1
        order by dead_letter_id desc
        limit $2 + 1
        """;

    private const string LetterSql = $"select {Columns}, headers, key, value from dead_letters where dead_letter_id = $1";

    private static readonly DeadLetter Example = new(
        17, "assessment-attempts", 2, 1091, new(2018, 1, 23, 14, 24, 2, 735, TimeSpan.Zero), 9,
        "The event is no JSON object.", new(2018, 1, 23, 14, 24, 3, TimeSpan.Zero));

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("/dead-letters").WithTags("Dead letters");
        var readings = letters.MapGroup("").RequireScope(Scopes.Read).AnswerUnchanged();
        readings.MapGet("", GetDeadLettersAsync)
            .WithName("GetDeadLetters")
            .WithSummary("Records that are no events")
            .WithDescription("The newest first, a page at a time: give `next` back as `cursor` until it is null.")
            .WithExample(new DeadLetterPage([Example], 17), AnalyticsJson.Default.DeadLetterPage)
            .InShapes((DeadLetterPage page) => page.DeadLetters, AnalyticsJson.Default.DeadLetter);
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
        letters.MapPost("/{id}/replay", PostReplayAsync)
            .RequireScope(Scopes.Admin)
            .RefuseOtherContentTypes("application/json")
            .WithName("PostReplay")
            .WithSummary("Send a dead letter again")
            .WithDescription("Publishes the repaired event in the body, or, without a body, the original as it is. What still is no event is refused with the reason. The dead letter stays as a record of what came; the new record's header `replay-of` names it.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithExample(new Replay(17, "assessment-attempts", "6d4089e4-bde5-4a22-b65f-18bce9ab79c8", true), AnalyticsJson.Default.Replay)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Description = "The repaired event, at most 1 MiB.",
                    Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
                };
                return Task.CompletedTask;
            });
    }

    private static async Task<Ok<DeadLetterPage>> GetDeadLettersAsync(
        [FromQuery, Range(1, 1000), DefaultValue(100), Description("How many to answer at most.")] int? limit,
        [FromQuery, Range(1.0, 9e18), Description("Where the page starts: the `next` of the page before.")] long? cursor,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var size = limit ?? 100;
        await using var reader = await database.QueryAsync(
            context, [PageSql], [new NpgsqlParameter<long> { TypedValue = cursor ?? long.MaxValue }, new NpgsqlParameter<int> { TypedValue = size }], cancellationToken);
        var letters = await reader.ReadAllAsync(ReadLetter, cancellationToken);
        var page = letters.Take(size).ToArray();
        long? next = letters.Count > size ? page[^1].Id : null;
        context.LinkNext(next?.ToString(CultureInfo.InvariantCulture));
        return TypedResults.Ok(new DeadLetterPage(page, next));
    }

    private static async Task<Results<Ok<DeadLetterDetail>, ProblemHttpResult>> GetDeadLetterAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await FindAsync(id, context, database, cancellationToken) is { } letter ? TypedResults.Ok(letter) : NotFound(id);

    private static async Task<Results<FileContentHttpResult, NoContent, ProblemHttpResult>> GetRawAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await FindAsync(id, context, database, cancellationToken) switch
        {
            null => NotFound(id),
            { Value: null } => TypedResults.NoContent(),
            { Value: var value } => TypedResults.Bytes(value),
        };

    private static async Task<Results<Ok<Replay>, ProblemHttpResult>> PostReplayAsync(
        [FromRoute, Range(1.0, 9e18), Description("The dead letter's number.")] long id,
        HttpContext context, ActivityDatabase database, EventProducer producer, IOptions<TopicOptions> topic, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, context, database, cancellationToken) is not { } letter)
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

        using var publication = new Publication(producer, topic.Value.Topic);
        var headers = new Headers();
        headers.AddReplayOf(id);
        await publication.SendAsync(key, value, headers, cancellationToken);
        await publication.CompleteAsync(cancellationToken);
        if (publication.Failure is { } failure)
        {
            context.Response.Headers.RetryAfter = "2";
            return TypedResults.Problem($"Kafka did not take the event: {failure.Reason}.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        context.NoteForAudit("one event sent again");

        // The answer is about what was sent, not a version of the data.
        context.Response.Headers.Remove("ETag");
        return TypedResults.Ok(new Replay(id, topic.Value.Topic, Encoding.UTF8.GetString(key), repaired));
    }

    private static ProblemHttpResult NotFound(long id) =>
        TypedResults.Problem($"There is no dead letter {id}; /api/dead-letters lists them.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<DeadLetterDetail?> FindAsync(long id, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(context, [LetterSql], [new NpgsqlParameter<long> { TypedValue = id }], cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DeadLetterDetail(
                ReadLetter(reader), JsonElement.Parse(reader.Get<string>("headers")), reader.GetOrNull<byte[]>("key"), reader.GetOrNull<byte[]>("value"))
            : null;
    }

    private static DeadLetter ReadLetter(NpgsqlDataReader reader) => new(
        reader.Get<long>("dead_letter_id"), reader.Get<string>("topic"), reader.Get<int>("partition"), reader.Get<long>("kafka_offset"),
        reader.Get<DateTimeOffset?>("kafka_timestamp"), reader.Get<int?>("bytes"), reader.Get<string>("reason"), reader.Get<DateTimeOffset>("recorded_at"));
}
