using System.Text.Json;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Analytics.Api.Live;

/// <summary>Figures as they change.</summary>
internal static class LiveEndpoints
{
    private static readonly LiveUpdate Example = new(
        3280, 2, 3242, 3242, 0,
        [new LiveAttempt("7f9c1e52-6f0a-4b6e-a8a5-3a4a0c1d2e3f", "Learning Git", "learning-git", new(2018, 9, 30, 19, 3, 5, TimeSpan.Zero), 80)]);

    public static void MapLive(this IEndpointRouteBuilder api) =>
        api.MapGet("/live", GetLive)
            .WithName("GetLive")
            .WithTags("Live")
            .WithSummary("Figures as they change")
            .WithDescription("Server-sent events: an event `update` at once and after commits of ingest, five a second at most, whose data is a LiveUpdate "
                + "in JSON: messages, redeliveries, attempts, students, deadLetters, and the newest attempts. An event `ping` without data keeps the line "
                + "open, every quarter of a minute in which nothing else is told.")
            .TakesNoFilter("the live figures are those of everything")
            .Produces<LiveUpdate>(StatusCodes.Status200OK, "text/event-stream")
            .AddOpenApiOperationTransformer((operation, context, _) =>
            {
                DescribeStream(operation.Responses!["200"].Content!["text/event-stream"]);
                return Task.CompletedTask;
            });

    /// <summary>
    /// OpenAPI 3.1 has no word for a stream, so it is described as OpenAPI 3.2 reads one: as an array of its events, each an object of its fields. The example
    /// is the text as it is sent.
    /// </summary>
    private static void DescribeStream(OpenApiMediaType stream)
    {
        var update = stream.Schema;
        stream.Example = $"""
            event: update
            data: {JsonSerializer.Serialize(Example, AnalyticsJson.Readable.LiveUpdate)}
            retry: 1000

            event: ping
            data:


            """;
        stream.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema
            {
                OneOf =
                [
                    EventOf("update", "The figures as they are now.", new OpenApiSchema
                    {
                        Type = JsonSchemaType.String, ContentMediaType = "application/json", ContentSchema = update,
                        Description = "A LiveUpdate in JSON, on one line.",
                    }),
                    EventOf("ping", "Keeps the line open.", new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 0, Description = "Nothing." }),
                ],
            },
        };
    }

    private static OpenApiSchema EventOf(string name, string description, OpenApiSchema data) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Required = new HashSet<string> { "event", "data" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["event"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [name] },
            ["data"] = data,
            ["retry"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "Milliseconds after which to ask again where the line breaks." },
        },
    };

    private static Results<ServerSentEventsResult<string>, ContentHttpResult> GetLive(
        HttpContext context, LiveFeed feed, CancellationToken cancellationToken) =>
        context.IsHead()
            ? TypedResults.Text("", "text/event-stream")
            : TypedResults.ServerSentEvents(feed.ListenAsync(cancellationToken));
}
