using System.Net;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class OriginTests(SmallWorldApi world, KafkaServer kafka) : IClassFixture<SmallWorldApi>
{
    private const string Partner = "https://partner.example";

    public static TheoryData<string, string, string> ForeignWrites
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var path in (string[])["/api/events", "/api/sql", "/api/dead-letters/1/replay", "/nothing"])
            {
                data.Add(path, "Origin", "http://evil.example");
                data.Add(path, "Sec-Fetch-Site", "cross-site");
            }

            data.Add("/api/events", "Sec-Fetch-Site", "same-site");
            data.Add("/api/events", "Origin", "null");
            data.Add("/api/events", "Origin", "http://localhost.evil.example");
            data.Add("/api/events", "Origin", "http://127.0.0.1:1");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ForeignWrites))]
    public async Task A_page_of_another_origin_may_not_write(string path, string header, string value)
    {
        using var answer = await GuardedApi.AskAsync(world.Api, path, body: GuardedApi.Event("text/plain"), headers: (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    public async Task Every_method_that_may_change_something_is_refused_to_it(string method)
    {
        using var answer = await GuardedApi.AskAsync(world.Api, "/api/events", method: HttpMethod.Parse(method), headers: ("Origin", "http://evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_of_our_own_and_a_program_may_write()
    {
        var topic = await kafka.CreateTopicAsync();
        await using var api = await ApiAsync(topic);
        var own = api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        using var page = await GuardedApi.AskAsync(api, "/api/events", body: GuardedApi.Event(), headers: [("Origin", own), ("Sec-Fetch-Site", "same-origin")]);
        using var program = await GuardedApi.AskAsync(api, "/api/events", body: GuardedApi.Event());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, program.StatusCode));
        Assert.Equal(2, (await kafka.ReadAllAsync(topic)).Count);
    }

    [Fact]
    public async Task An_origin_that_the_configuration_names_may_read_and_write_and_no_other()
    {
        await using var api = await ApiAsync(await kafka.CreateTopicAsync(), ("Access:Origins:0", Partner));

        using var write = await GuardedApi.AskAsync(
            api, "/api/events", body: GuardedApi.Event(), headers: [("Origin", Partner), ("Sec-Fetch-Site", "cross-site")]);
        using var preflight = await GuardedApi.AskAsync(
            api, "/api/events", method: HttpMethod.Options,
            headers: [("Origin", Partner), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type")]);
        using var foreign = await GuardedApi.AskAsync(api, "/api/events", body: GuardedApi.Event(), headers: ("Origin", "http://partner.example"));

        Assert.Equal(HttpStatusCode.OK, write.StatusCode);
        Assert.Equal([Partner], write.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal([Partner], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("POST", preflight.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task A_kept_answer_is_given_to_each_origin_under_its_own_name()
    {
        await using var api = await ApiAsync("none", ("Access:Origins:0", Partner), ("Access:Origins:1", "https://other.example"));
        await api.ExecuteAsync(SmallWorld.Sql);

        foreach (var origin in (string[])[Partner, "https://other.example", Partner])
        {
            using var answer = await GuardedApi.AskAsync(api, "/api/courses", headers: ("Origin", origin));
            Assert.Equal([origin], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        }

        using var evil = await GuardedApi.AskAsync(api, "/api/courses", headers: ("Origin", "http://evil.example"));
        Assert.NotNull(evil.Headers.Age);
        Assert.False(evil.Headers.TryGetValues("Access-Control-Allow-Origin", out var named) && named.Single() is "*" or "http://evil.example");
        Assert.Equal(["same-origin"], evil.Headers.GetValues("Cross-Origin-Resource-Policy"));
    }

    [Theory]
    [InlineData("/api/events", "text/plain")]
    [InlineData("/api/events", "application/x-www-form-urlencoded")]
    [InlineData("/api/events", "multipart/form-data")]
    [InlineData("/api/events", null)]
    [InlineData("/api/dead-letters/1/replay", "text/plain")]
    [InlineData("/api/dead-letters/1/replay", null)]
    [InlineData("/api/sql", "multipart/form-data")]
    public async Task A_body_of_a_type_that_any_page_may_send_is_refused(string path, string? type)
    {
        var body = GuardedApi.Event();
        body.Headers.ContentType = type is null ? null : new(type);

        using var answer = await GuardedApi.AskAsync(world.Api, path, body: body);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    private async Task<ApiServer> ApiAsync(string topic, params (string, string)[] settings) =>
        new(await world.CreateDatabaseAsync(), await kafka.AddressAsync(), [("Ingest:Topic", topic), .. settings]);
}
