using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Aspire's dashboard alone, as the AppHost would start it, on free ports: it receives telemetry and tells what it got.</summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    public const string OtlpKey = "otlp-key";
    private const string Pages = "Now listening on: ";
    private const string Telemetry = "OTLP/gRPC listening on: ";
    private readonly Process _process;
    private readonly HttpClient _http;

    private DashboardProcess(Process process, Uri pages, Uri otlp) => (_process, _http, Otlp) = (process, new HttpClient { BaseAddress = pages }, otlp);

    /// <summary>Where telemetry goes, by OTLP over gRPC.</summary>
    public Uri Otlp { get; }

    public static async Task<DashboardProcess> StartAsync(CancellationToken cancellation)
    {
        // The AppHost's SDK notes in its assembly where the dashboard's package is.
        var program = Assembly.Load("AppHost").GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "aspiredashboardpath").Value!;
        var process = Process.Start(new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://127.0.0.1:0",
                ["Dashboard__Frontend__AuthMode"] = "Unsecured",
                ["Dashboard__Api__AuthMode"] = "Unsecured",
                ["Dashboard__Otlp__AuthMode"] = "ApiKey",
                ["Dashboard__Otlp__PrimaryApiKey"] = OtlpKey,
            },
        })!;
        Uri? pages = null;
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            pages ??= After(line, Pages);
            if (pages is not null && After(line, Telemetry) is { } otlp)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new DashboardProcess(process, pages, otlp);
            }
        }

        throw new InvalidOperationException("The dashboard ended before it listened.");
    }

    /// <summary>What the dashboard's telemetry API answers.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation) =>
        await _http.GetFromJsonAsync<JsonElement>($"api/telemetry/{path}", cancellation);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Uri? After(string line, string words) =>
        line.IndexOf(words, StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + words.Length)..].Trim()) : null;
}
