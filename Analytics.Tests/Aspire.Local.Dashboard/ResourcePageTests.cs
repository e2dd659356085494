using System.Net;

namespace Analytics.Tests.Dashboard;

/// <summary>What the AppHost's resource service tells is on the pages.</summary>
public sealed class ResourcePageTests(SharedDashboard shared) : IClassFixture<SharedDashboard>
{
    private static CancellationToken Deadline => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_page_shows_the_resources_and_follows_them()
    {
        await using var service = await ResourceServiceServer.StartAsync();
        service.Snapshot(Resource("kafka", "Running", "Healthy"), Resource("worker", "Waiting", null), Resource("backstage", "Running", null, isHidden: true));
        await using var dashboard = await DashboardProcess.StartAsync(Deadline, ("DOTNET_RESOURCE_SERVICE_ENDPOINT_URL", service.Url));

        var page = await dashboard.PageAsync("", "kafka", Deadline);
        Assert.Contains("Waiting", page, StringComparison.Ordinal);
        Assert.Contains("href=\"http://localhost:1234/kafka\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("backstage", page, StringComparison.Ordinal);

        service.Send(new { type = "upsert", resource = Resource("worker", "Running", "Unhealthy") });
        Assert.Contains("kafka", await dashboard.PageAsync("", "Running (unhealthy)", Deadline), StringComparison.Ordinal);

        service.Send(new { type = "upsert", resource = Resource("publish", "Finished", null, exitCode: 3) });
        await dashboard.PageAsync("", "Finished (code 3)", Deadline);

        service.Send(new { type = "delete", name = "kafka" });
        service.Send(new { type = "upsert", resource = Resource("marker", "Running", null) });
        Assert.DoesNotContain("kafka", await dashboard.PageAsync("", "marker", Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_mask_secrets_and_never_carry_their_values_unasked()
    {
        await using var service = await ResourceServiceServer.StartAsync();
        service.Snapshot(Resource("api", "Running", "Unhealthy"));
        await using var dashboard = await DashboardProcess.StartAsync(Deadline, ("DOTNET_RESOURCE_SERVICE_ENDPOINT_URL", service.Url));

        var page = await dashboard.PageAsync("?resource=api", "ConnectionStrings__activity", Deadline);
        Assert.DoesNotContain("secret-value", page, StringComparison.Ordinal);
        Assert.Contains("OTEL_SERVICE_NAME", page, StringComparison.Ordinal);
        Assert.Contains("connection refused", page, StringComparison.Ordinal);
        Assert.Contains("?resource=postgres", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_finds_the_resource_service_again()
    {
        var service = await ResourceServiceServer.StartAsync();
        var port = new Uri(service.Url).Port;
        service.Snapshot(Resource("before", "Running", null));
        await using var dashboard = await DashboardProcess.StartAsync(Deadline, ("DOTNET_RESOURCE_SERVICE_ENDPOINT_URL", service.Url));
        await dashboard.PageAsync("", "before", Deadline);
        await service.DisposeAsync();
        await dashboard.PageAsync("", "AppHost gone", Deadline);

        await using var again = await ResourceServiceServer.StartAsync(port);
        again.Snapshot(Resource("after", "Running", null));
        Assert.DoesNotContain("before", await dashboard.PageAsync("", "after", Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_web_sites_are_refused()
    {
        var dashboard = shared.Process;
        foreach (var (header, value) in new[] { ("Origin", "http://evil.example"), ("Origin", "http://localhost:3000"), ("Origin", "null"), ("Host", "evil.example"), ("Sec-Fetch-Site", "cross-site") })
        {
            foreach (var path in new[] { "", "api/telemetry/logs", "_blazor/negotiate" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation(header, value);
                using var answer = await dashboard.Http.SendAsync(request, Deadline);
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            }
        }
    }

    [Fact]
    public async Task Its_own_origin_is_let_in_and_pages_may_load_from_nowhere_else()
    {
        var dashboard = shared.Process;
        using var request = new HttpRequestMessage(HttpMethod.Get, "");
        request.Headers.Add("Origin", dashboard.Pages.GetLeftPart(UriPartial.Authority));
        using var answer = await dashboard.Http.SendAsync(request, Deadline);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        foreach (var asset in new[] { "_framework/blazor.web.js", "dashboard.css", "_content/Microsoft.FluentUI.AspNetCore.Components/Microsoft.FluentUI.AspNetCore.Components.lib.module.js" })
        {
            Assert.NotEmpty(await dashboard.Http.GetByteArrayAsync(asset, Deadline));
        }

        // Nothing is written: not beside the program, not in the user's folder.
        Assert.Empty(Directory.GetFileSystemEntries(dashboard.Directory));
    }

    [Fact]
    public async Task Each_door_serves_its_own()
    {
        var dashboard = shared.Process;
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-otlp-api-key", DashboardProcess.OtlpKey);
        using var page = await http.GetAsync(new Uri(dashboard.OtlpHttp, "traces"), Deadline);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        using var telemetry = await http.PostAsync(new Uri(dashboard.Pages, "v1/traces"), new ByteArrayContent([]), Deadline);
        Assert.Equal(HttpStatusCode.NotFound, telemetry.StatusCode);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:18888")]
    [InlineData("DOTNET_DASHBOARD_OTLP_ENDPOINT_URL", "nonsense")]
    [InlineData("Dashboard__TelemetryLimits__MaxLogCount", "0")]
    public async Task A_wrong_setting_is_one_sentence_and_exit_code_2(string name, string value)
    {
        var (exitCode, error) = await DashboardProcess.RunToEndAsync(Deadline, (name, value));
        Assert.Equal(2, exitCode);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static object Resource(string name, string state, string? health, bool isHidden = false, int? exitCode = null) => new
    {
        name,
        displayName = name,
        type = "Project",
        state,
        health,
        healthReports = health is null ? [] : new[] { new { name = $"{name}_check", status = health, description = "connection refused" } },
        createdAt = DateTimeOffset.UtcNow,
        startedAt = DateTimeOffset.UtcNow,
        stoppedAt = (DateTimeOffset?)null,
        exitCode,
        pid = 1,
        source = $"/somewhere/{name}.csproj",
        urls = new[] { new { name = "http", url = $"http://localhost:1234/{name}", isInternal = false } },
        environment = new[] { new { name = "ConnectionStrings__activity", value = "secret-value", isSecret = true }, new { name = "OTEL_SERVICE_NAME", value = name, isSecret = false } },
        properties = new { replicas = 2 },
        relationships = new[] { new { resourceName = "postgres", type = "WaitFor" } },
        commands = new[] { new { name = "stop", displayName = "Stop", enabled = true } },
        isHidden,
    };
}
