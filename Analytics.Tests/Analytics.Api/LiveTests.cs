using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

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
