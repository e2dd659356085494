using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Analytics.Tests.Analytics.Api.Report;

/// <summary>The report as people meet it: in a browser.</summary>
public sealed class ReportBrowserTests(SmallWorldApi world, Browser browser) : IClassFixture<SmallWorldApi>
{
    private const string Git = "/report?course=learning-git";

    [Theory]
    [InlineData("/report", ColorScheme.Light, 1280)]
    [InlineData("/report", ColorScheme.Dark, 1280, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData("/report", ColorScheme.Light, 320, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(Git, ColorScheme.Light, 1280, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(Git, ColorScheme.Dark, 320)]
    [InlineData("/report?course=nothing", ColorScheme.Dark, 320)]
    public async Task Axe_finds_nothing_serious(string path, ColorScheme scheme, int width)
    {
        var page =
            await OpenAsync(path, new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 800 } });
        await using var context = page.Context;
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");

        var found = await page.RunAxe();

        Assert.Empty(found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help} {string.Join(" ", violation.Nodes.Select(node => node.Html))}"));
    }

    /// <summary>Every page beside the report, in one browser page: axe, sideways scrolling, complaints of the browser, hosts that are asked.</summary>
    [Theory]
    [InlineData(ColorScheme.Light, 320)]
    [InlineData(ColorScheme.Dark, 1280, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Every_page_of_the_workbench_is_accessible_fits_and_asks_no_other_host(ColorScheme scheme, int width)
    {
        var page =
            await browser.OpenAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 800 } });
        await using var context = page.Context;
        var complaints = new ConcurrentBag<string>();
        page.Console += (_, message) => complaints.Add($"{page.Url}: {message.Text}");
        page.PageError += (_, error) => complaints.Add($"{page.Url}: {error}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != world.Api.Client.BaseAddress!.Authority)
            {
                complaints.Add($"{page.Url} asks {request.Url}");
            }
        };
        foreach (var path in (string[])
        [
            "/courses", "/courses/learning-git", "/courses/compare?course=learning-git&course=once", "/questions", "/questions?course=learning-git",
            "/questions/catalogue",
            "/students", "/students/a1", "/ask", "/ask?sql=select+course,+attempts,+mean_score+from+courses", "/ask?sql=select+attempts,+messages+from+courses",
            "/ask?sql=selec", "/ask/questions-left-out", "/events",
        ])
        {
            await page.GotoAsync(Address(path));
            await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
            var found = await page.RunAxe();
            foreach (var violation in found.Violations.Where(violation => violation.Impact is "serious" or "critical"))
            {
                complaints.Add($"{path}: {violation.Id}: {violation.Help} {string.Join(" ", violation.Nodes.Select(node => node.Html))}");
            }

            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var wide && wide > width)
            {
                complaints.Add($"{path} is {wide} wide");
            }
        }

        // The address /ask?sql=selec answers 400, which the browser tells of.
        Assert.DoesNotContain(complaints, complaint => !complaint.Contains("status of 400", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/report")]
    [InlineData(Git)]
    [InlineData("/report?from=1990-01-01&to=2020-12-31")]
    [InlineData("/report?course=nothing")]
    public async Task A_narrow_screen_is_not_scrolled_sideways(string path)
    {
        var page = await OpenAsync(path, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 320, Height = 640 } });
        await using var context = page.Context;

        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task Nothing_is_asked_of_another_host_and_the_browser_has_no_complaint()
    {
        var page = await browser.OpenAsync();
        await using var context = page.Context;
        var hosts = new ConcurrentBag<string>();
        var complaints = new ConcurrentBag<string>();
        await page.RouteAsync("**/*", route =>
        {
            hosts.Add(new Uri(route.Request.Url).Authority);
            return route.ContinueAsync();
        });
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);

        await page.GotoAsync(Address(Git));
        await page.Locator("#live:visible").WaitForAsync();

        Assert.Equal([world.Api.Client.BaseAddress!.Authority], hosts.Distinct());
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Without_JavaScript_everything_works_but_the_live_counter()
    {
        var page = await OpenAsync("/", new BrowserNewContextOptions { JavaScriptEnabled = false });
        await using var context = page.Context;

        await page.Locator("select[name=course]").SelectOptionAsync("Learning Git");
        await page.GetByLabel("From").FillAsync("2018-01-02");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        Assert.EndsWith("/report?course=learning-git&from=2018-01-02&tz=UTC", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Heading, new() { Name = "Learning Git" }).WaitForAsync();
        Assert.Equal("2", await page.Locator("dt:has-text('Attempts') + dd b").TextContentAsync());
        await page.Locator("summary").First.ClickAsync();
        Assert.True(await page.GetByRole(AriaRole.Cell, new() { Name = "1", Exact = true }).First.IsVisibleAsync());
        Assert.False(await page.Locator("#live").IsVisibleAsync());
    }

    [Fact]
    public async Task The_live_counter_moves_when_rows_are_committed_and_offers_the_newer_figures()
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync());
        await api.ExecuteAsync(SmallWorld.Sql);
        var page = await browser.OpenAsync();
        await using var context = page.Context;
        await page.GotoAsync(new Uri(api.Client.BaseAddress!, "/report").ToString());
        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("7 attempts in\\s+11 messages"));
        Assert.False(await page.GetByText("Show the newer figures").IsVisibleAsync());

        await api.ExecuteAsync("""
            update exam_totals set messages = messages + 1, attempts = attempts + 1 where exam_id = 1;
            update ingest_partitions set next_offset = next_offset + 1 where partition = 0;
            select pg_notify('activity', '{"messages":1}');
            """);

        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("8 attempts in\\s+12 messages"));
        await page.GetByText("Show the newer figures").ClickAsync();
        await Assertions.Expect(page.Locator("dt:has-text('Attempts') + dd b")).ToHaveTextAsync("8");
    }

    [Fact]
    public async Task On_paper_there_are_no_controls_and_nothing_is_cut_off()
    {
        var page = await OpenAsync("/report");
        await using var context = page.Context;
        await page.EmulateMediaAsync(new() { Media = Media.Print });

        Assert.False(await page.Locator("form").IsVisibleAsync());
        Assert.True(await page.Locator("svg.columns").First.IsVisibleAsync());
        Assert.NotEmpty(await page.PdfAsync());
    }

    private string Address(string path) => new Uri(world.Api.Client.BaseAddress!, path).ToString();

    private async Task<IPage> OpenAsync(string path, BrowserNewContextOptions options)
    {
        var page = await browser.OpenAsync(options);
        await page.GotoAsync(Address(path));
        return page;
    }

    private Task<IPage> OpenAsync(string path) => OpenAsync(path, new BrowserNewContextOptions());
}
