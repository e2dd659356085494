using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;

namespace Analytics.Tests.Dashboard;

/// <summary>The real dashboard, as the AppHost starts it, on free ports and in a working directory that has nothing of it.</summary>
internal sealed class DashboardProcess : IAsyncDisposable
{
    public const string OtlpKey = "otlp-key";
    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private DashboardProcess(Process process, DirectoryInfo directory, Uri[] addresses)
    {
        (_process, _directory) = (process, directory);
        (Pages, Otlp, OtlpHttp) = (addresses[0], addresses[1], addresses[2]);
        Http = new HttpClient { BaseAddress = Pages };
    }

    public Uri Pages { get; }

    public Uri Otlp { get; }

    public Uri OtlpHttp { get; }

    public HttpClient Http { get; }

    public string Directory => _directory.FullName;

    public static async Task<DashboardProcess> StartAsync(CancellationToken cancellation, params (string Name, string Value)[] environment)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("dashboard");
        var process = Run(directory, [.. Defaults, .. environment]);
        const string greeting = "Dashboard listens at ";
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(greeting, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new(process, directory, [.. line[greeting.Length..].Split(", ").Select(address => new Uri(address))]);
            }
        }

        throw new InvalidOperationException($"The dashboard ended: {await process.StandardError.ReadToEndAsync(cancellation)}");
    }

    /// <summary>Runs it to its end, as it comes when a setting is wrong.</summary>
    public static async Task<(int ExitCode, string Error)> RunToEndAsync(CancellationToken cancellation, params (string Name, string Value)[] environment)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("dashboard");
        using var process = Run(directory, environment);
        var error = await process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        directory.Delete(recursive: true);
        return (process.ExitCode, error);
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation) => await Http.GetFromJsonAsync<JsonElement>($"api/telemetry/{path}", cancellation);

    /// <summary>The page at a path, once it says what it is to say.</summary>
    public async Task<string> PageAsync(string path, string text, CancellationToken cancellation)
    {
        while (true)
        {
            var page = await Http.GetStringAsync(path, cancellation);
            if (page.Contains(text, StringComparison.Ordinal))
            {
                return page;
            }

            await Task.Delay(20, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static readonly (string Name, string Value)[] Defaults =
    [
        ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
        ("DOTNET_DASHBOARD_OTLP_ENDPOINT_URL", "http://127.0.0.1:0"),
        ("DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "http://127.0.0.1:0"),
        ("Dashboard__Otlp__PrimaryApiKey", OtlpKey),
        ("Dashboard__ResourceServiceClient__ApiKey", ResourceServiceServer.ApiKey),
    ];

    private static Process Run(DirectoryInfo directory, IEnumerable<(string Name, string Value)> environment)
    {
        var dll = typeof(DashboardProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "DashboardPath").Value!;
        var start = new ProcessStartInfo("dotnet", [dll]) { WorkingDirectory = directory.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = directory.FullName;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
