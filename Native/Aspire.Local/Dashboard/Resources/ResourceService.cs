using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>The AppHost's resource service: HTTP with streams of JSON lines, and a key in the header <c>x-resource-service-api-key</c>.</summary>
internal sealed class ResourceService : IDisposable
{
    private readonly HttpClient? _http;

    public ResourceService(DashboardOptions options)
    {
        if (options.ResourceService is { } address)
        {
            _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
            {
                BaseAddress = address,
                Timeout = Timeout.InfiniteTimeSpan,
            };
            _http.DefaultRequestHeaders.Add("x-resource-service-api-key", options.ResourceServiceApiKey ?? "");
        }
    }

    /// <summary>Whether the AppHost named one.</summary>
    public bool Exists => _http is not null;

    public void Dispose() => _http?.Dispose();

    /// <summary>The resources and what happens to them, until the service goes.</summary>
    public IAsyncEnumerable<ResourceChange> WatchAsync(CancellationToken cancellation) => LinesAsync<ResourceChange>("resources", cancellation);

    /// <summary>What a resource wrote to its console, and writes.</summary>
    public IAsyncEnumerable<ConsoleLine> LogsAsync(string name, CancellationToken cancellation) => LinesAsync<ConsoleLine>($"resources/{Uri.EscapeDataString(name)}/logs", cancellation);

    /// <summary>Runs a command; a service that can't be reached is a result as well.</summary>
    public async Task<CommandResult> ExecuteAsync(string name, string command, CancellationToken cancellation)
    {
        try
        {
            using var response = await Http.PostAsync($"resources/{Uri.EscapeDataString(name)}/commands/{Uri.EscapeDataString(command)}", null, cancellation);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync<CommandResult>(cancellation) ?? new(false, "The AppHost gave no answer.")
                : new(false, $"The AppHost answered {(int)response.StatusCode}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException)
        {
            return new(false, $"The AppHost can't be reached: {failure.Message}");
        }
    }

    private HttpClient Http => _http ?? throw new HttpRequestException("the dashboard was started without a resource service.");

    private async IAsyncEnumerable<T> LinesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        await foreach (var line in JsonSerializer.DeserializeAsyncEnumerable<T>(body, topLevelValues: true, JsonSerializerOptions.Web, cancellation))
        {
            if (line is not null)
            {
                yield return line;
            }
        }
    }
}
