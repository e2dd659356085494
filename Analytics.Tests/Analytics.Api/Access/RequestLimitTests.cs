using System.Net;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class RequestLimitTests(GuardedApi guarded, SmallWorldApi world) : IClassFixture<GuardedApi>, IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task A_key_over_its_requests_a_minute_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        await using var api = await guarded.StartAsync(("Access:RequestsPerMinute", "3"));
        string[] keys = ["read", "read", "read", "read", "admin"];
        var answers = new List<HttpResponseMessage>();
        foreach (var key in keys)
        {
            answers.Add(await GuardedApi.AskAsync(api, "/api/ingest", GuardedApi.Key(key)));
        }

        Assert.Equal([200, 200, 200, 429, 200], answers.Select(answer => (int)answer.StatusCode));
        Assert.InRange(answers[3].Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal("application/problem+json", answers[3].Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Without_a_key_the_address_is_counted_and_health_is_not()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync(), settings: ("Access:RequestsPerMinute", "2"));
        string[] paths = ["/alive", "/alive", "/alive", "/nothing", "/api/schema/queries", "/api/schema/queries", "/alive"];
        var statuses = new List<int>();
        foreach (var path in paths)
        {
            using var answer = await api.Client.GetAsync(path, TestContext.Current.CancellationToken);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal([200, 200, 200, 404, 200, 429, 200], statuses);
    }

    [Fact]
    public async Task Guesses_at_keys_are_counted_under_the_address()
    {
        await using var api = await guarded.StartAsync(("Access:RequestsPerMinute", "2"));
        var statuses = new List<HttpStatusCode>();
        foreach (var guess in (string[])["a", "b", "c"])
        {
            using var answer = await GuardedApi.AskAsync(api, "/api/ingest", GuardedApi.Key(guess));
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }
}
