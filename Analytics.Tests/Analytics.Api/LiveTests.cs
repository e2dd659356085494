using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

public sealed class LiveTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private const string Commit = """
        update exam_totals set messages = messages + 1 where exam_id = 1;
        notify activity;
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listener_is_told_what_there_is_and_then_what_each_commit_adds()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        await using var updates = UpdatesAsync(api).GetAsyncEnumerator(Cancel);

        await updates.MoveNextAsync();
        Assert.Equal(11, (long)updates.Current["messages"]!);
        Assert.Equal(7, (long)updates.Current["attempts"]!);
        Assert.Equal(4, (long)updates.Current["students"]!);
        Assert.Equal(1, (long)updates.Current["deadLetters"]!);
        Assert.Equal("a7", (string)updates.Current["newest"]![0]!["userExamId"]!);
        Assert.Equal("once", (string)updates.Current["newest"]![0]!["courseSlug"]!);

        await api.ExecuteAsync(Commit);
        await MoveToAsync(updates, messages: 12);
        await api.ExecuteAsync(Commit);
        await MoveToAsync(updates, messages: 13);
    }

    [Fact]
    public async Task A_thousand_listeners_are_told_the_same()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        var listeners = Enumerable.Range(0, 1000).Select(_ => UpdatesAsync(api).GetAsyncEnumerator(Cancel)).ToArray();
        await Task.WhenAll(listeners.Select(listener => listener.MoveNextAsync().AsTask()));

        await api.ExecuteAsync(Commit);

        await Task.WhenAll(listeners.Select(listener => MoveToAsync(listener, messages: 12)));
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
    }

    // The figures are being read when a commit comes, and the only listener leaves before they are told.
    [Fact]
    public async Task What_was_read_before_a_commit_is_not_told_after_it()
    {
        var database = await world.CreateDatabaseAsync();
        await using var api = new ApiServer(database);
        await api.ExecuteAsync(SmallWorld.Sql);
        await using var source = NpgsqlDataSource.Create(database);
        await using (var updates = UpdatesAsync(api).GetAsyncEnumerator(Cancel))
        {
            await updates.MoveNextAsync();
            await using var connection = await source.OpenConnectionAsync(Cancel);
            await using var transaction = await connection.BeginTransactionAsync(Cancel);
            await using (var held = new NpgsqlCommand("lock table courses in access exclusive mode", connection))
            {
                await held.ExecuteNonQueryAsync(Cancel);
            }

            await api.ExecuteAsync("select pg_notify('activity', '')");
            await UntilAsync(source, waiting: true); // The first of its figures is read, the second waits for the table.
            await api.ExecuteAsync(Commit);
            await updates.DisposeAsync();
            await transaction.RollbackAsync(Cancel);
        }

        await UntilAsync(source, waiting: false);

        await using var next = UpdatesAsync(api).GetAsyncEnumerator(Cancel);
        await next.MoveNextAsync();
        Assert.Equal(12, (long)next.Current["messages"]!);
    }

    private static async Task UntilAsync(NpgsqlDataSource source, bool waiting)
    {
        const string Asking = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'analytics-api'";
        await using var command = source.CreateCommand($"{Asking} and {(waiting ? "wait_event_type = 'Lock'" : "state = 'active'")}");
        while ((long)(await command.ExecuteScalarAsync(Cancel))! > 0 != waiting)
        {
            await Task.Delay(20, Cancel);
        }
    }

    [Fact]
    public async Task A_listener_does_not_keep_the_service_from_stopping()
    {
        var api = new ApiServer(await world.CreateDatabaseAsync());
        await using var updates = UpdatesAsync(api).GetAsyncEnumerator(Cancel);
        await updates.MoveNextAsync();

        var stopping = api.DisposeAsync().AsTask();

        Assert.False(await updates.MoveNextAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    [Fact]
    public async Task HEAD_ends_though_the_answer_to_GET_does_not()
    {
        using var response = await world.Api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/live"), Cancel);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_stream_is_what_the_OpenAPI_document_says()
    {
        var document = await world.Api.GetAsync("/openapi/v1.json");
        var stream = document["paths"]!["/api/live"]!["get"]!["responses"]!["200"]!["content"]!["text/event-stream"]!;
        var kinds = stream["schema"]!["items"]!["oneOf"]!.AsArray().ToDictionary(
            kind => (string)kind!["properties"]!["event"]!["enum"]![0]!, kind => kind!["properties"]!["data"]!);
        Assert.Equal(["ping", "update"], kinds.Keys.Order());
        Assert.Equal("application/json", (string)kinds["update"]["contentMediaType"]!);

        await using var line = await world.Api.Client.GetStreamAsync("/api/live", Cancel);
        await using var sent = SseParser.Create(line).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
        await sent.MoveNextAsync();
        var example = SseParser.Create(new MemoryStream(Encoding.UTF8.GetBytes((string)stream["example"]!))).Enumerate().ToList();

        Assert.Equal(["update", "ping"], example.Select(item => item.EventType));
        Assert.Equal("", example[1].Data);
        foreach (var update in (SseItem<string>[])[sent.Current, example[0]])
        {
            Assert.Equal("update", update.EventType);
            Assert.Null(AnswerSchema.Complaint(JsonNode.Parse(update.Data), kinds["update"]["contentSchema"]!, document));
        }
    }

    // A commit that comes while one is told may be told together with the next.
    private static async Task MoveToAsync(IAsyncEnumerator<JsonNode> updates, long messages)
    {
        do
        {
            Assert.True(await updates.MoveNextAsync());
        }
        while ((long)updates.Current["messages"]! < messages);

        Assert.Equal(messages, (long)updates.Current["messages"]!);
    }

    private static async IAsyncEnumerable<JsonNode> UpdatesAsync(ApiServer api)
    {
        await using var stream = await api.Client.GetStreamAsync("/api/live", Cancel);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancel))
        {
            if (item.EventType == "update")
            {
                yield return JsonNode.Parse(item.Data)!;
            }
        }
    }
}
