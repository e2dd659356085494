using System.ComponentModel.DataAnnotations;
using Analytics.Api.Access;
using Analytics.Api.Database;
using Analytics.Api.DeadLetters;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Ingest;
using Analytics.Api.Pages;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;
using Publishing;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>What comes in: ingest's progress, the newest attempts as they come, and what is no event.</summary>
internal static class EventsPage
{
    private const int LongestReason = 2_000;

    public static void MapEventPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/events", GetAsync).RequireScope(Scopes.Read).TakesNoFilter("ingest is told of the whole topic");
        // Foreign pages' writes are refused for all addresses.
        pages.MapPost("/events/replay", PostReplayAsync).RequireScope(Scopes.Admin).TakesNoFilter("ingest is told of the whole topic").DisableAntiforgery();
    }

    private static async Task<IResult> GetAsync(
        [FromQuery, Range(0L, long.MaxValue)] long? sent, [FromQuery, Range(0L, long.MaxValue)] long? refused, HttpContext context, ActivityDatabase database,
        NpgsqlDataSource source,
        TopicEnds topicEnds, IngestRates rates, IOptions<TopicOptions> options, CancellationToken cancellationToken)
    {
        var groups = await database.ReadGroupsAsync(context, cancellationToken);
        var progress = await IngestEndpoints.ReadAsync(source, topicEnds, rates, options, cancellationToken);
        context.Response.Headers.Remove("ETag"); // The lag is another each time.
        context.Response.Headers.CacheControl = "no-store";
        return PageLayout.Answer(context, Render(progress, groups, sent, refused));
    }

    private static async Task<IResult> PostReplayAsync(
        [FromForm, Required, MaxLength(LongestReason)] string reason, HttpContext context, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        var (answer, failure) = await replay.SendGroupAsync(reason, cancellationToken);
        context.NoteForAudit("a group of dead letters sent again");
        return failure is null
            ? TypedResults.LocalRedirect(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/events?sent={answer.Sent}&refused={answer.Refused}"))
            : Problem.Of(StatusCodes.Status503ServiceUnavailable, $"Kafka took {answer.Sent} events and no more: {failure.Reason}.");
    }

    private static string Render(IngestProgress progress, List<DeadLetterGroup> groups, long? sent, long? refused) => PageLayout.Render(
        "Events · Activity",
        Html($"""
            <header>
            <h1>Events</h1>
            <p class="period">{Lag(progress)}</p>
            </header>
            <main id="content">
            {(sent is null ? None : Html($"""<p role="status" class="done">{Wording.Counted(sent.Value, "record was", "records were")} sent again{(refused > 0 ? $"; {Wording.Counted(refused.Value, "is", "are")} still no event" : "")}.</p>"""))}
            <dl class="headline">{Tiles(progress).Select(tile => Html($"""<div><dt>{tile.Name}</dt><dd><b>{tile.Figure}</b> <span>{tile.Note}</span></dd></div>"""))}</dl>
            <section aria-labelledby="feed"><h2 id="feed">As they come</h2>
            <p id="live" class="live" hidden data-messages=""><span class="dot"></span>Live <b data-figure="attempts"></b> attempts in <b data-figure="messages"></b> messages <span data-newer hidden></span></p>
            <noscript><p class="quiet">The feed needs a script; /api/live is the same as server-sent events.</p></noscript>
            <ol id="newest" class="list" aria-live="off"></ol></section>
            <section aria-labelledby="letters"><h2 id="letters">Records that are no events</h2>
            {(groups.Count == 0 ? Html($"""<p class="empty">There are none.</p>""") : Letters(groups))}</section>
            <section aria-labelledby="partitions"><h2 id="partitions">Partitions of {progress.Topic}</h2>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="partitions"><table>
            <thead><tr><th scope="col" class="number">Partition</th><th scope="col" class="number">End on Kafka</th><th scope="col" class="number">Next to ingest</th><th scope="col" class="number">Lag</th><th scope="col" class="number">Messages</th><th scope="col" class="number">Dead letters</th></tr></thead>
            <tbody>{progress.Partitions.Select(partition => Html($"""
                <tr><td class="number">{partition.Partition}</td><td class="number">{Number(partition.EndOffset)}</td><td class="number">{Wording.Count(partition.NextOffset)}</td><td class="number">{Number(partition.Lag)}</td>
                <td class="number">{Wording.Count(partition.Messages)}</td><td class="number">{Wording.Count(partition.DeadLetters)}</td></tr>
                """))}</tbody></table></div></section>
            </main>
            <footer><p class="screen">As data: <a href="/api/ingest">ingest</a>, <a href="/api/dead-letters/groups">dead letters by reason</a>, <a href="/api/live">live figures</a>.</p></footer>
            """),
        Tab.Events);

    private static string Lag(IngestProgress progress) => progress switch
    {
        { EndOffsetReason: { } reason } => reason,
        { Lag: 0 } => "Everything on Kafka is ingested.",
        { RemainingSeconds: { } seconds } => $"{Number(progress.Lag)} records are left, for about {Wording.Count((long)Math.Ceiling(seconds))} seconds.",
        _ => $"{Number(progress.Lag)} records are left.",
    };

    private static IEnumerable<(string Name, string Figure, string Note)> Tiles(IngestProgress progress) =>
    [
        ("Messages", Wording.Count(progress.Messages), "records that reached the tables"), ("Lag", Number(progress.Lag), "records not yet ingested"),
        ("Rate", progress.Rate is { } rate ? Wording.Count((long)rate) : "–", progress.RateReason ?? "records a second, over ten seconds"),
        ("Dead letters", Wording.Count(progress.DeadLetters), "kept whole, in no figure"),
        ("Altered", Wording.Count(progress.AlteredRedeliveries), "redelivered with other bytes"),
    ];

    private static Markup Letters(List<DeadLetterGroup> groups) => Html($"""
        <p>Those of a reason can be sent again, as after an update that reads what was refused before: what is an event by now is published, the rest stays.</p>
        <div class="scroll" role="region" tabindex="0" aria-labelledby="letters"><table>
        <thead><tr><th scope="col">Reason</th><th scope="col" class="number">Records</th><th scope="col" class="number">Not repaired</th><th scope="col">Last</th><th scope="col">From</th><td class="screen"></td></tr></thead>
        <tbody>{groups.Select(group => Html($"""
            <tr><th scope="row">{group.Reason}</th><td class="number">{Wording.Count(group.Count)}</td><td class="number">{Wording.Count(group.Open)}</td><td><a href="/api/dead-letters/{group.Example}">{Wording.Day(DateOnly.FromDateTime(group.Last.UtcDateTime))}</a></td>
            <td>{(group.File is { } file ? $"{file}, line {group.Line}" : "–")}</td><td class="screen">{(group.Open == 0 ? None : Html($"""<form class="row" action="/events/replay" method="post"><input type="hidden" name="reason" value="{group.Reason}"><button class="plain">Send again</button></form>"""))}</td></tr>
            """))}</tbody></table></div>
        """);

    private static string Number(long? number) => number is { } known ? Wording.Count(known) : "–";
}
