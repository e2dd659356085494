using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Analytics.Tests.AspireLocal;

public sealed class ResourceServiceTests
{
    private const string Key = "the-key";

    [Fact]
    public async Task The_stream_of_resources_begins_with_all_and_goes_on_with_every_change()
    {
        var url = FreeUrl();
        await using var test = new TestApplication($"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL={url}", $"--AppHost:ResourceService:ApiKey={Key}");
        var server = test.Shell("server", "sleep 1000").WithHttpEndpoint().WithEnvironment("GREETING", "hello").WithEnvironment("DB_PASSWORD", "secret");
        using var client = Client(url);

        await test.StartAsync();
        await using var lines = LinesAsync(client, "/resources", TestApplication.Deadline()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("snapshot", lines.Current.GetProperty("type").GetString());
        Assert.Equal("server", Assert.Single(lines.Current.GetProperty("resources").EnumerateArray()).GetProperty("displayName").GetString());

        JsonElement running;
        do
        {
            Assert.True(await lines.MoveNextAsync());
            Assert.Equal("upsert", lines.Current.GetProperty("type").GetString());
            running = lines.Current.GetProperty("resource");
        }
        while (running.GetProperty("state").GetString() != "Running");

        Assert.StartsWith("server-", running.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.Equal("Executable", running.GetProperty("type").GetString());
        Assert.Equal("Healthy", running.GetProperty("health").GetString());
        Assert.True(Processes.Run(running.GetProperty("pid").GetInt32()));
        Assert.Equal(server.GetEndpoint("http").Url, Assert.Single(running.GetProperty("urls").EnumerateArray()).GetProperty("url").GetString());
        var variables = running.GetProperty("environment").EnumerateArray().ToDictionary(variable => variable.GetProperty("name").GetString()!, variable => variable.GetProperty("isSecret").GetBoolean());
        Assert.False(variables["GREETING"]);
        Assert.True(variables["DB_PASSWORD"]);
        Assert.Equal(["stop", "restart"], running.GetProperty("commands").EnumerateArray().Where(command => command.GetProperty("enabled").GetBoolean()).Select(command => command.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_console_is_streamed_past_a_restart_that_is_given_over_the_service()
    {
        var url = FreeUrl();
        await using var test = new TestApplication($"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL={url}", $"--AppHost:ResourceService:ApiKey={Key}");
        test.Shell("server", "echo out; echo bad >&2; sleep 1000");
        using var client = Client(url);

        await test.StartAsync();
        var name = (await test.Notifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == KnownResourceStates.Running, TestApplication.Deadline())).ResourceId;
        await using var lines = LinesAsync(client, $"/resources/{name}/logs", TestApplication.Deadline()).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = new Dictionary<string, bool>();
        while (first.Count < 2)
        {
            Assert.True(await lines.MoveNextAsync());
            first[lines.Current.GetProperty("text").GetString()!] = lines.Current.GetProperty("isError").GetBoolean();
        }

        Assert.Equal(new Dictionary<string, bool> { ["out"] = false, ["bad"] = true }, first);
        using var answer = await client.PostAsync(new Uri($"/resources/{name}/commands/restart", UriKind.Relative), null, TestApplication.Deadline());
        var result = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestApplication.Deadline())).RootElement;
        Assert.True(result.GetProperty("success").GetBoolean());
        Assert.True(await lines.MoveNextAsync());
        Assert.True(lines.Current.GetProperty("lineNumber").GetInt32() > 2);
    }

    [Fact]
    public async Task Nobody_is_told_anything_without_the_key()
    {
        var url = FreeUrl();
        await using var test = new TestApplication($"--ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL={url}", $"--AppHost:ResourceService:ApiKey={Key}");
        using var client = new HttpClient { BaseAddress = new Uri(url) };

        await test.StartAsync();
        using var answer = await client.GetAsync(new Uri("/resources", UriKind.Relative), TestApplication.Deadline());

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    private static HttpClient Client(string url) => new() { BaseAddress = new Uri(url), DefaultRequestHeaders = { { "x-resource-service-api-key", Key } } };

    private static async IAsyncEnumerable<JsonElement> LinesAsync(HttpClient client, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await client.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonDocument.Parse(line).RootElement;
        }
    }
}
