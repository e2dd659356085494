using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class LoginTests(GuardedApi guarded) : IClassFixture<GuardedApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/summary", "read")]
    [InlineData("/api/attempts", "read")]
    [InlineData("/api/dead-letters", "read")]
    [InlineData("/api/ingest", "read")]
    [InlineData("/api/live", "read")]
    [InlineData("/report", "read")]
    [InlineData("/", "read")]
    [InlineData("/report.md", "read")]
    [InlineData("/openapi/v1.json", "read")]
    [InlineData("/scalar/", "read")]
    [InlineData("/api/sql?query=select%201", "sql")]
    [InlineData("POST /api/events", "write")]
    [InlineData("POST /api/dead-letters/1/replay", "admin")]
    public async Task Each_address_takes_the_key_of_its_scope_and_no_other_but_an_admins(string address, string scope)
    {
        var isPost = address.StartsWith("POST ", StringComparison.Ordinal);
        foreach (var name in GuardedApi.Scopes)
        {
            using var answer = await GuardedApi.AskAsync(guarded.Api, address.Split(' ')[^1], GuardedApi.Key(name), body: isPost ? GuardedApi.Event() : null);
            var mayAsk = name == scope || name == "admin";
            Assert.True(mayAsk == answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized), $"{name} got {answer.StatusCode}");
            if (!mayAsk)
            {
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
                Assert.Contains($"needs the scope {scope}", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
        }

        using var unknown = await GuardedApi.AskAsync(guarded.Api, address.Split(' ')[^1], body: isPost ? GuardedApi.Event() : null);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal(["Bearer", "Basic"], unknown.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Health_is_open_to_all(string path)
    {
        using var answer = await GuardedApi.AskAsync(guarded.Api, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_that_is_unknown_wrong_expired_or_revoked_is_refused_with_the_reason()
    {
        await GuardedApi.AddKeyAsync(guarded.Api, "old", "read", "now() - interval '1 s'");
        await GuardedApi.AddKeyAsync(guarded.Api, "future", "read", "now() + interval '1 h'");
        await GuardedApi.AddKeyAsync(guarded.Api, "lost", "read");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(GuardedApi.Key("lost"))).Status);

        await guarded.Api.ExecuteAsync("update api_keys set revoked_at = now() where name = 'lost'");

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(GuardedApi.Key("future"))).Status);
        Assert.Contains("The key lost was revoked", (await AskAsync(GuardedApi.Key("lost"))).Detail, StringComparison.Ordinal);
        Assert.Contains("The key old expired", (await AskAsync(GuardedApi.Key("old"))).Detail, StringComparison.Ordinal);
        Assert.Contains("unknown", (await AskAsync(GuardedApi.Key("nobody"))).Detail, StringComparison.Ordinal);
        Assert.Contains("unknown", (await AskAsync(GuardedApi.Key("read")[..^1] + "y")).Detail, StringComparison.Ordinal);
        Assert.Contains("begins with activity_", (await AskAsync("nonsense")).Detail, StringComparison.Ordinal);
        Assert.Contains("unknown", (await AskAsync(GuardedApi.Key("rea'||'d"))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_sends_the_key_as_the_password_of_Basic()
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{GuardedApi.Key("read")}"));

        using var good = await GuardedApi.AskAsync(guarded.Api, "/report", headers: ("Authorization", $"Basic {credentials}"));
        using var bad = await GuardedApi.AskAsync(guarded.Api, "/report", headers: ("Authorization", "Basic %%%"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (good.StatusCode, bad.StatusCode));
        Assert.Equal("text/html", bad.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task An_answer_that_is_kept_for_one_is_not_given_to_those_who_may_not_ask()
    {
        using var first = await GuardedApi.AskAsync(guarded.Api, "/api/exams", GuardedApi.Key("read"));
        using var second = await GuardedApi.AskAsync(guarded.Api, "/api/exams", GuardedApi.Key("read"));
        using var without = await GuardedApi.AskAsync(guarded.Api, "/api/exams");

        Assert.NotNull(second.Headers.Age);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
    }

    [Fact]
    public async Task A_keys_last_use_is_kept()
    {
        await GuardedApi.AddKeyAsync(guarded.Api, "used", "read");

        await AskAsync(GuardedApi.Key("used"));

        await guarded.Api.ExecuteAsync("select 1 / count(*) from api_keys where name = 'used' and last_used_at > now() - interval '1 min'");
    }

    [Fact]
    public async Task This_machine_may_be_let_in_without_a_login_but_not_who_comes_through_a_proxy_on_it()
    {
        await using var api = await guarded.StartAsync(("Access:LoopbackWithoutLogin", "true"));

        using var direct = await GuardedApi.AskAsync(api, "/api/ingest");
        using var proxied = await GuardedApi.AskAsync(api, "/api/ingest", headers: ("X-Forwarded-For", "192.0.2.7"));
        using var wrongKey = await GuardedApi.AskAsync(api, "/api/ingest", "nonsense", headers: ("X-Forwarded-For", "192.0.2.7"));

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (direct.StatusCode, proxied.StatusCode, wrongKey.StatusCode));
    }

    [Fact]
    public async Task Without_a_database_a_key_is_neither_good_nor_bad()
    {
        await using var api = await guarded.StartAsync();
        await api.ExecuteAsync("drop table api_keys");

        using var answer = await GuardedApi.AskAsync(api, "/api/summary", GuardedApi.Key("read"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string Detail)> AskAsync(string key)
    {
        using var answer = await GuardedApi.AskAsync(guarded.Api, "/api/summary", key);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? "" : (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["detail"]!);
    }
}
