using System.Net.Http.Json;
using System.Text.Json;
using Analytics.Tests.EndToEnd;
using Analytics.Tests.Native.Hosting;
using Aspire.Hosting.Testing;

namespace Analytics.Tests.AppHost;

/// <summary>The AppHost itself, started by Aspire's testing builder.</summary>
[Collection(WholeApplication.Name)]
public sealed class AppHostTests
{
    [Fact]
    public async Task Started_by_the_testing_builder_the_application_says_that_390_students_took_Learning_Git()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(5));
        using var state = new TemporaryFolder();
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--state", state.Path, "--infrastructure", "native"],
            // Without the dashboard there is nobody whom the services' telemetry could reach, and they wait for it as they end.
            (options, _) => options.DisableDashboard = false,
            deadline.Token);
        await using var application = await builder.BuildAsync(deadline.Token);
        await application.StartAsync(deadline.Token);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("api", deadline.Token);
        await application.ResourceNotifications.WaitForResourceAsync("publisher", "Finished", deadline.Token);

        using var client = application.CreateHttpClient("api");
        JsonElement summary;
        do
        {
            summary = await client.GetFromJsonAsync<JsonElement>("/api/summary", deadline.Token);
        }
        while (summary.GetProperty("messages").GetInt64() < 3_280);

        var git = await client.GetFromJsonAsync<JsonElement>("/api/courses/learning-git", deadline.Token);
        Assert.Equal(394, git.GetProperty("messages").GetInt64());
        Assert.Equal(390, git.GetProperty("attempts").GetInt64());
        Assert.Equal(390, git.GetProperty("students").GetInt64());
        Assert.Equal(0, summary.GetProperty("certifications").GetInt64());
        Assert.Contains("Database=activity", await application.GetConnectionStringAsync("activity", deadline.Token), StringComparison.Ordinal);
    }
}
