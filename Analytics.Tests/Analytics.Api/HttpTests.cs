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
    [InlineData("/api/courses?offset=7", "known are sort, attempts, limit, name, course, exam, version, from, to, tz, user, take, passMark, format, for")]
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
        Assert.Contains("it takes GET", await world.Api.RefusedAsync("/api/summary", HttpStatusCode.MethodNotAllowed, HttpMethod.Delete),
            StringComparison.Ordinal);
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

        Assert.Equal(
            (false, false, false), (await CachedAsync("/api/exams"), await CachedAsync("/api/exams?passMark=50"), await CachedAsync("/api/exams?format=csv")));
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

    [Theory]
    [InlineData("/api/summary?format=xml", HttpStatusCode.BadRequest)]
    [InlineData("/api/courses?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/courses/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/attempts/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/summary", HttpStatusCode.NotModified)]
    [InlineData("/api/courses/learning-git?format=csv", HttpStatusCode.NotModified)]
    public async Task Whatever_version_a_client_has_it_holds_only_of_what_is_there(string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        using var response = await world.Api.Client.SendAsync(request, Cancel);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_wrong_method_is_told_that_HEAD_works_too()
    {
        using var response = await world.Api.Client.DeleteAsync("/api/summary", Cancel);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task An_address_that_is_too_long_is_a_414_as_the_document_says()
    {
        using var response = await world.Api.Client.GetAsync($"/api/courses?name={new string('a', 40_000)}", Cancel);
        var document = await world.Api.GetAsync("/openapi/v1.json");

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
        Assert.NotNull(document["paths"]!["/api/courses"]!["get"]!["responses"]!["414"]);
    }

    [Fact]
    public async Task Ids_may_hold_what_addresses_are_made_of()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        string[] ids = ["https://example.org/xapi/attempts/17?x=1#a", "a/b", "a%2Fb", "a%252Fb", "a b+c", "ü/ö"];
        await api.ExecuteAsync("insert into courses (name, slug) values ('C', 'c'); insert into exams (course_id, base_exam_id) values (1, 'e')");
        foreach (var id in ids)
        {
            await api.ExecuteAsync($"""
                insert into attempts (user_exam_id, keen_id, version, exam_id, user_id, certification) values ('{id}', '{id}', 1, 1, 'user {id}', false)
                """);
        }

        foreach (var id in ids)
        {
            Assert.Equal(id, (string)(await api.GetAsync($"/api/attempts/{Uri.EscapeDataString(id)}"))["userExamId"]!);
            Assert.Equal($"user {id}", (string)(await api.GetAsync($"/api/students/{Uri.EscapeDataString($"user {id}")}"))["id"]!);
        }
    }

    [Fact]
    public async Task A_course_of_a_long_name_is_found_on_every_page_that_names_it()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        var name = string.Concat(Enumerable.Repeat("课程", 400));
        await api.ExecuteAsync($"""
            insert into courses (name, slug) values ('{name}', '{name}'); insert into exams (course_id, base_exam_id) values (1, '{name}');
            insert into exam_totals (exam_id, messages, attempts, unnamed_attempts) values (1, 1, 1, 1);
            insert into attempts (user_exam_id, keen_id, version, exam_id, certification) values ('a', 'k', 1, 1, false)
            """);
        var slug = Uri.EscapeDataString(name);

        foreach (var path in (string[])[$"/report?course={slug}", $"/report.md?course={slug}", $"/api/courses/{slug}", $"/api/courses/{slug}/questions",
            $"/api/courses/{slug}/growth", $"/api/scores?course={slug}&exam={slug}", $"/api/attempts?course={slug}", $"/api/courses?name={slug}"])
        {
            using var response = await api.Client.GetAsync(path, Cancel);
            Assert.True(response.IsSuccessStatusCode, $"{path[..20]} answered {(int)response.StatusCode}.");
        }
    }
}
