using System.Net.Http.Json;
using System.Text.Json;
using Analytics.Tests.Analytics.Api.Report;
using Analytics.Tests.EndToEnd;
using Analytics.Tests.Native.Hosting;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;

#pragma warning disable ASPIREINTERACTION001 // The arguments of a command are Aspire's newest.

namespace Analytics.Tests.AppHost;

/// <summary>The AppHost itself, started by Aspire's testing builder: figures, commands, and the dashboard as a newcomer meets it.</summary>
[Collection(WholeApplication.Name)]
public sealed class AppHostTests(TestedApplication tested, Browser browser) : IClassFixture<TestedApplication>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Started_by_the_testing_builder_the_application_says_that_390_students_took_Learning_Git()
    {
        using var client = tested.Application.CreateHttpClient("api");
        await IngestedAsync(client, 3_280);

        var git = await client.GetFromJsonAsync<JsonElement>("/api/courses/learning-git", Cancel);
        Assert.Equal(394, git.GetProperty("messages").GetInt64());
        Assert.Equal(390, git.GetProperty("attempts").GetInt64());
        Assert.Equal(390, git.GetProperty("students").GetInt64());
        Assert.Contains("Database=activity", await tested.Application.GetConnectionStringAsync("activity", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_commands_publish_a_file_pause_and_resume_ingest_verify_rebuild_and_erase()
    {
        // Aspire adds commands of its own to a project; of two with one name it runs none.
        foreach (var resource in (string[])["kafka", "worker"])
        {
            Assert.True(tested.Application.ResourceNotifications.TryGetCurrentState(resource, out var state));
            Assert.Distinct(state.Snapshot.Commands.Select(command => command.Name));
        }

        using var client = tested.Application.CreateHttpClient("api");
        await IngestedAsync(client, 3_280);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("one.json"), """{"keen_id":"one","user_exam_id":"one"}""", Cancel);

        await SucceedsAsync("worker", "pause-ingest");
        var file = new InteractionInput { Name = "file", Label = "File", InputType = InputType.Text, Value = folder.In("one.json") };
        await SucceedsAsync("kafka", "publish", file);
        Assert.Equal(3_280, await MessagesAsync(client));

        await SucceedsAsync("worker", "resume-ingest");
        await IngestedAsync(client, 3_281);
        await SucceedsAsync("worker", "verify");

        await SucceedsAsync("worker", "rebuild-tables");
        Assert.Equal(3_281, await MessagesAsync(client));

        // The attempt names no user; the answer is not the one that the API had kept.
        await SucceedsAsync("worker", "erase-student", new InteractionInput { Name = "student", Label = "Student", InputType = InputType.Text, Value = "one" });
        Assert.Equal(3_280, await MessagesAsync(client));
        await SucceedsAsync("worker", "verify");
    }

    [Fact]
    public async Task The_printed_link_opens_a_dashboard_that_shows_resources_a_console_a_trace_across_them_and_a_metric()
    {
        var page = await browser.OpenAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        await using var context = page.Context;
        page.SetDefaultTimeout(60_000);

        await page.GotoAsync(tested.DashboardLink.ToString());
        foreach (var resource in (string[])["zookeeper", "kafka", "postgres", "activity", "worker", "api"])
        {
            await page.GetByRole(AriaRole.Row).Filter(new LocatorFilterOptions { HasText = resource }).Filter(
                new LocatorFilterOptions { HasText = "Running" }).First.WaitForAsync();
        }

        Assert.DoesNotContain("Unhealthy", await page.InnerTextAsync("body"), StringComparison.Ordinal);
        Assert.Equal(0, await page.GetByText("certificate", new PageGetByTextOptions { Exact = false }).CountAsync());
        Assert.Equal(0, await page.GetByText("unsecured", new PageGetByTextOptions { Exact = false }).CountAsync());
        await PictureAsync(page, "dashboard-resources");

        await GoAsync(page, "/consolelogs/resource/worker");
        await page.GetByText("Ingesting 6 partitions").First.WaitForAsync();
        await PictureAsync(page, "dashboard-console");

        await GoAsync(page, "/traces/resource/publisher");
        await page.GetByText("publish assessment-attempts.json.gz").First.ClickAsync();
        foreach (var span in (string[])["MSG kafka assessment-attempts", "worker", "postgresql"])
        {
            await page.GetByText(span).First.WaitForAsync();
        }

        await PictureAsync(page, "dashboard-trace");

        await GoAsync(page, "/metrics/resource/worker");
        await page.GetByText("messaging.client.consumed.messages").First.WaitForAsync();
        await PictureAsync(page, "dashboard-metrics");
    }

    private async Task SucceedsAsync(string resource, string command, params InteractionInput[] arguments)
    {
        var result = arguments is []
            ? await tested.Commands.ExecuteCommandAsync(resource, command, Cancel)
            : await tested.Commands.ExecuteCommandAsync(resource, command, new InteractionInputCollection(arguments), Cancel);
        Assert.True(result.Success, $"{command}: {result.Message}");
    }

    private static async Task<long> MessagesAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/summary", Cancel)).GetProperty("messages").GetInt64();

    private static async Task IngestedAsync(HttpClient client, long messages)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromMinutes(2));
        while (await MessagesAsync(client) < messages)
        {
            await Task.Delay(100, deadline.Token);
        }
    }

    private async Task GoAsync(IPage page, string path) => await page.GotoAsync(new Uri(tested.DashboardLink, path).ToString());

    /// <summary>With <c>ACTIVITY_WRITE_DOCS=1</c> the pictures of the documentation are taken anew.</summary>
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("ACTIVITY_WRITE_DOCS") == "1")
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "images", $"{name}.png") });
        }
    }
}
