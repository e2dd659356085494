using System.Net;
using System.Net.Http.Headers;
using Assessments;
using Native.Hosting;

namespace Analytics.Tests.Analytics.Api;

public sealed class HttpTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/summary?passmarks=7", "passMark")]
    [InlineData("/api/courses?offset=7", "known are sort, attempts, limit, name, passMark")]
    [InlineData("/api/ingest?topic=x", "known are format")]
    [InlineData("/api/courses?name=a&name=b", "2 times")]
    [InlineData("/api/exams?course=a%00b", "NUL")]
    [InlineData("/api/courses?sort=popularity", "parameter sort takes")]
    [InlineData("/api/courses?sort=", "is empty")]
    [InlineData("/api/courses?attempts=many", "attempts can't be \"many\": a whole number is expected")]
    [InlineData("/api/courses?attempts=-1", "attempts must be between")]
    [InlineData("/api/summary?passMark=100.5", "passMark must be between 0 and 100")]
    [InlineData("/api/summary?passMark=NaN", "passMark must be between 0 and 100")]
    [InlineData("/api/summary?passMark=79228162514264337593543950336", "passMark must be between 0 and 100")]
    [InlineData("/api/summary?passMark=half", "passMark can't be \"half\": a number is expected")]
    [InlineData("/api/courses?limit=1.5", "limit can't be \"1.5\": a whole number is expected")]
    [InlineData("/api/attempts?from=28.01.2018x", "from can't be \"28.01.2018x\": a date as 2018-01-31 is expected")]
    [InlineData("/api/dead-letters/x", "id can't be \"x\": a whole number is expected")]
    [InlineData("/api/dead-letters/0", "id must be between 1 and")]
    public async Task A_request_that_is_not_understood_is_refused_with_one_sentence(string path, string part)
    {
        Assert.Contains(part, await world.Api.RefusedAsync(path, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_address_is_a_problem_too()
    {
        Assert.Contains("/openapi/v1.json", await world.Api.RefusedAsync("/api/nothing", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_is_told_the_right_one()
    {
        Assert.Contains("it takes GET", await world.Api.RefusedAsync("/api/summary", HttpStatusCode.MethodNotAllowed, HttpMethod.Delete), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/summary")]
    [InlineData("/api/courses/learning-git")]
    [InlineData("/api/courses/nothing")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/exams?format=csv")]
    public async Task HEAD_answers_as_GET_without_a_body(string path)
    {
        using var get = await world.Api.Client.GetAsync(path, Cancel);
        using var head = await world.Api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancel);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task The_same_question_is_answered_from_the_cache_until_ingest_commits()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);

        Assert.Equal((false, false, false), (await CachedAsync("/api/exams"), await CachedAsync("/api/exams?passMark=50"), await CachedAsync("/api/exams?format=csv")));
        Assert.True(await CachedAsync("/api/exams"));
        Assert.False(await CachedAsync("/api/exams", "no-cache"));
        await api.ExecuteAsync("update exam_totals set messages = messages + 1; update ingest_partitions set next_offset = next_offset + 1");
        Assert.False(await CachedAsync("/api/exams"));
        Assert.Equal(6, (long)(await api.GetAsync("/api/exams"))["exams"]![0]!["messages"]!);
        Assert.Equal((false, false), (await CachedAsync("/api/courses/nothing"), await CachedAsync("/api/courses/nothing")));

        // Age says how long ago a kept answer was made (RFC 9111, 5.1).
        async Task<bool> CachedAsync(string path, string? cacheControl = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.CacheControl = cacheControl is null ? null : CacheControlHeaderValue.Parse(cacheControl);
            using var answer = await api.Client.SendAsync(request, Cancel);
            return answer.Headers.Age is not null;
        }
    }

    [Fact]
    public async Task An_answer_holds_until_ingest_commits()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        using var first = await api.Client.GetAsync("/api/courses", Cancel);
        var tag = first.Headers.ETag;

        Assert.True(tag!.IsWeak);
        Assert.True(first.Headers.CacheControl!.NoCache);
        Assert.Equal(HttpStatusCode.NotModified, await AskWithAsync(api, tag));

        await api.ExecuteAsync("update ingest_partitions set next_offset = next_offset + 1 where partition = 1");

        Assert.Equal(HttpStatusCode.OK, await AskWithAsync(api, tag));
    }

    [Fact]
    public async Task Answers_are_compressed_for_who_asks()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/courses");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await world.Api.Client.SendAsync(request, Cancel);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
    }

    [Fact]
    public async Task A_database_without_tables_is_unhealthy_and_says_who_makes_them()
    {
        await using var api = new ApiServer(await world.CreateBareDatabaseAsync());

        var detail = await api.RefusedAsync("/api/summary", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("the ingest worker makes them", detail, StringComparison.Ordinal);
        using var health = await api.Client.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        using var alive = await api.Client.GetAsync("/alive", Cancel);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task A_database_that_is_away_is_a_503_that_says_when_to_come_back()
    {
        var server = await PostgresServer.StartAsync(Cancel);
        var database = await server.CreateDatabaseAsync(Cancel);
        await DatabaseSchema.MigrateAsync(database, Cancel);
        await using var api = new ApiServer(database);
        await api.GetAsync("/api/summary");

        await server.DisposeAsync();

        using var response = await api.Client.GetAsync("/api/summary", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        using var ingest = await api.Client.GetAsync("/api/ingest", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ingest.StatusCode);
        using var health = await api.Client.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task Other_origins_are_not_let_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/summary");
        request.Headers.Add("Origin", "https://elsewhere.example");
        using var response = await world.Api.Client.SendAsync(request, Cancel);

        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpStatusCode> AskWithAsync(ApiServer api, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/courses");
        request.Headers.IfNoneMatch.Add(tag);
        using var response = await api.Client.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
