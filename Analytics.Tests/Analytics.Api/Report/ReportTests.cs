using System.Net;
using System.Net.Http.Headers;

namespace Analytics.Tests.Analytics.Api.Report;

public sealed class ReportTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/report")]
    public async Task The_first_page_is_the_report_with_links_to_the_reference(string path)
    {
        using var response = await world.Api.Client.GetAsync(path, Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("href=\"/scalar\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/openapi/v1.json\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_figures_are_those_that_the_API_answers()
    {
        var summary = await world.Api.GetAsync("/api/summary");
        var git = await world.Api.GetAsync("/api/courses/learning-git");

        Assert.Equal(["7", "4", Percent(summary["meanScore"]), Percent(summary["passRate"])], (await TilesAsync("/report")).Take(4));
        Assert.Equal(["5", "3", Percent(git["meanScore"]), Percent(git["passRate"])], (await TilesAsync("/report?course=learning-git")).Take(4));
    }

    [Theory]
    [InlineData("from=2018-01-02&to=2018-01-03", "2", "2", "30.0 %", "0.0 %")] // 60 % and 0 %
    [InlineData("from=2018-01-01", "5", "5", "48.3 %", "20.0 %")]
    [InlineData("to=2017-12-31", "1", "1", "75.0 %", "100.0 %")]
    [InlineData("to=2017-12-31&tz=Europe/Berlin", "0", "0", "–", "–")] // There it is 2018 already.
    [InlineData("from=2018-01-01&to=2018-01-01&tz=Europe/Berlin&course=learning-git", "2", "2", "87.5 %", "100.0 %")]
    public async Task Days_on_the_clock_of_the_zone_bound_every_figure(string query, string attempts, string students, string mean, string passed)
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        await api.ExecuteAsync("""
            update events set total = 5, correct = case user_exam_id when 'a1' then 5 when 'a2' then 3 else 0 end where exam_id = 1;
            update events set total = 4, correct = 3 where user_exam_id = 'a4';
            update events set total = 3, correct = 1 where user_exam_id = 'a7';
            """);

        var tiles = await TilesAsync($"/report?{query}", api);

        Assert.Equal([attempts, students, mean, passed], tiles.Take(4));
    }

    [Fact]
    public async Task Days_that_hold_all_attempts_give_the_figures_of_the_rollups()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        await api.ExecuteAsync("""
            update events set user_id = 'u1' where user_exam_id in ('a3', 'a4', 'a5', 'a7');
            update events set total = 5, correct = case user_exam_id when 'a1' then 5 when 'a2' then 3 else 0 end where exam_id = 1;
            update events set total = 4, correct = 3 where user_exam_id = 'a4';
            update events set total = 3, correct = 1 where user_exam_id = 'a7';
            update events set started_at = '2018-01-05T10:00:00Z' where started_at is null;
            update events set ended_at = started_at + case user_exam_id when 'a1' then interval '90.5 s' when 'a2' then '300 s' when 'a3' then '-30 s' when 'a4' then '25 h' when 'a7' then '60 s' end;
            """);

        Assert.Equal(await TilesAsync("/report", api), await TilesAsync("/report?from=2017-01-01&to=2019-01-01", api));
        Assert.Equal(
            await TilesAsync("/report?course=learning-git", api),
            await TilesAsync("/report?from=2017-01-01&to=2019-01-01&course=learning-git", api));
    }

    [Theory]
    [InlineData("from=yesterday", HttpStatusCode.BadRequest, "a date as 2018-01-31 is expected")]
    [InlineData("from=2018-02-01&to=2018-01-01", HttpStatusCode.BadRequest, "a day after")]
    [InlineData("tz=Mars/Olympus", HttpStatusCode.BadRequest, "no time zone")]
    [InlineData("kurs=x", HttpStatusCode.BadRequest, "known are course, exam, version, from, to, tz, user, take, passMark")]
    [InlineData("course=<b>nothing</b>", HttpStatusCode.NotFound, "&lt;b&gt;nothing")]
    [InlineData("course=learning-git&exam=nothing", HttpStatusCode.NotFound, "no exam")]
    public async Task What_can_not_be_shown_is_a_page_that_says_why(string query, HttpStatusCode status, string part)
    {
        using var response = await world.Api.Client.GetAsync($"/report?{query}", Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.Contains("href=\"/report\"", page, StringComparison.Ordinal);
        Assert.Null(response.Headers.ETag);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_text_a_problem_is_problem_details()
    {
        Assert.Contains("no course", await world.Api.RefusedAsync("/report.md?course=nothing", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_that_a_form_leaves_empty_are_left_out_of_the_address()
    {
        using var response = await world.Api.Client.GetAsync("/report?course=learning-git&from=&to=&tz=Europe%2FBerlin", Cancel);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/report?course=learning-git&tz=Europe%2FBerlin", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Names_are_text_whatever_they_hold()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        await api.ExecuteAsync("""
            update courses set name = '<script>alert(1)</script>"&''|[x](javascript:1)' where slug = 'learning-git';
            update items set question_id = '<img src=x onerror=alert(1)>' where question_id = 'q1';
            update events set item_ids = '{1}', results = '{17}', option_ends = '{0}', item_option_ids = '{}', option_marks = '' where event_id = 1;
            """);

        var page = await api.Client.GetStringAsync("/report?course=learning-git", Cancel);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#x27;", page, StringComparison.Ordinal);

        var text = await api.Client.GetStringAsync("/report.md?course=learning-git", Cancel);
        Assert.DoesNotContain(" <script", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" [x]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_database_says_how_to_send_events()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());

        Assert.Contains("/api/events", await api.Client.GetStringAsync("/report", Cancel), StringComparison.Ordinal);
        Assert.Contains("/api/events", await api.Client.GetStringAsync("/report.md", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_tables_is_a_page_too()
    {
        await using var api = new ApiServer(await world.CreateBareDatabaseAsync());
        using var response = await api.Client.GetAsync("/report", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("the ingest worker makes them", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_text_has_the_figures_of_the_page()
    {
        var text = await world.Api.Client.GetStringAsync("/report.md?course=learning-git", Cancel);

        Assert.StartsWith("# Learning Git\n", text, StringComparison.Ordinal);
        foreach (var figure in await TilesAsync("/report?course=learning-git"))
        {
            Assert.Contains($"| {figure} |", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_holds_until_ingest_commits()
    {
        using var first = await world.Api.Client.GetAsync("/report", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/report");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(first.Headers.ETag!.Tag, isWeak: true));
        using var second = await world.Api.Client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    private static string Percent(System.Text.Json.Nodes.JsonNode? node) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(double)node!:0.0} %");

    private async Task<IEnumerable<string>> TilesAsync(string path, ApiServer? api = null)
    {
        var page = await (api ?? world.Api).Client.GetStringAsync(path, Cancel);
        return System.Text.RegularExpressions.Regex.Matches(page, "<dd><b>(.*?)</b>").Select(match => WebUtility.HtmlDecode(match.Groups[1].Value));
    }

    [Theory]
    [InlineData("/report")]
    [InlineData("/report.md")]
    [InlineData("/report?course=c&tz=Europe/Berlin")]
    [InlineData("/report?from=2018-01-01")]
    public async Task It_answers_though_no_attempt_has_a_start(string path)
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync("""
            insert into courses (name, slug) values ('C', 'c'); insert into exams (course_id, base_exam_id) values (1, 'e');
            insert into exam_totals (exam_id, messages, attempts, unnamed_attempts) values (1, 1, 1, 1);
            insert into exam_scores (exam_id, total, correct, messages, attempts) values (1, 4, 3, 1, 1);
            insert into events (user_exam_id, keen_id, version, exam_id, total, correct, certification) values ('a', 'k', 1, 1, 4, 3, false)
            """);

        using var response = await api.Client.GetAsync(path, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("No attempt has a start.", text, StringComparison.Ordinal);
    }
}
