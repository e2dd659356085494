using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Analytics.Api.Live;

/// <summary>Figures as they change.</summary>
internal static class LiveEndpoints
{
    public static void MapLive(this IEndpointRouteBuilder api) =>
        api.MapGet("/live", GetLive)
            .WithName("GetLive")
            .WithTags("Live")
            .WithSummary("Figures as they change")
            .WithDescription("Server-sent events: an event `update` at once and after commits of ingest, five a second at most, whose data is a LiveUpdate in JSON: messages, redeliveries, attempts, students, deadLetters, and the newest attempts. An event `ping` now and then keeps the line open.")
            .Produces<LiveUpdate>(StatusCodes.Status200OK, "text/event-stream");

    private static Results<ServerSentEventsResult<string>, ContentHttpResult> GetLive(HttpContext context, LiveFeed feed, CancellationToken cancellationToken) =>
        context.IsHead()
            ? TypedResults.Text("", "text/event-stream")
            : TypedResults.ServerSentEvents(feed.ListenAsync(cancellationToken));
}
