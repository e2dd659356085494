using Analytics.Tests.Analytics.Api.Report;
using Analytics.Tests.Native.Hosting;
using Microsoft.Playwright;

namespace Analytics.Tests.EndToEnd;

/// <summary>Aspire's dashboard as a newcomer meets it: by the link that was printed, on the running system.</summary>
[Collection(WholeApplication.Name)]
public sealed class DashboardTests(Browser browser)
{
    [Fact]
    public async Task The_printed_link_opens_a_dashboard_that_shows_resources_a_console_a_trace_across_them_and_a_metric()
    {
        var page = await browser.OpenAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        page.SetDefaultTimeout(60_000);
        using var state = new TemporaryFolder();
        await using var application = await ApplicationProcess.StartAsync(state.Path, ApplicationTests.DataSetFile);
        var link = new Uri(application.Address("Dashboard"));

        await page.GotoAsync(link.ToString());
        foreach (var resource in (string[])["kafka", "postgres", "activity", "worker", "api"])
        {
            await page.GetByRole(AriaRole.Row).Filter(new LocatorFilterOptions { HasText = resource }).Filter(new LocatorFilterOptions { HasText = "Running" }).First.WaitForAsync();
        }

        Assert.DoesNotContain("Unhealthy", await page.InnerTextAsync("body"), StringComparison.Ordinal);
        Assert.Equal(0, await page.GetByText("certificate", new PageGetByTextOptions { Exact = false }).CountAsync());
        Assert.Equal(0, await page.GetByText("unsecured", new PageGetByTextOptions { Exact = false }).CountAsync());
        await PictureAsync(page, "dashboard-resources");

        await page.GotoAsync(new Uri(link, "/consolelogs/resource/worker").ToString());
        await page.GetByText("Ingesting 6 partitions").First.WaitForAsync();
        await PictureAsync(page, "dashboard-console");

        await page.GotoAsync(new Uri(link, "/traces/resource/publisher").ToString());
        await page.GetByText("publish assessment-attempts.json.gz").First.ClickAsync();
        foreach (var span in (string[])["MSG kafka assessment-attempts", "worker", "postgresql"])
        {
            await page.GetByText(span).First.WaitForAsync();
        }

        await PictureAsync(page, "dashboard-trace");

        await page.GotoAsync(new Uri(link, "/metrics/resource/worker").ToString());
        await page.GetByText("messaging.client.consumed.messages").First.ClickAsync();
        await page.Locator(".js-plotly-plot").First.WaitForAsync();
        await PictureAsync(page, "dashboard-metrics");
    }

    /// <summary>With <c>ACTIVITY_WRITE_DOCS=1</c> the pictures of the documentation are taken anew.</summary>
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("ACTIVITY_WRITE_DOCS") == "1")
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "images", $"{name}.png") });
        }
    }
}
