using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting.ResourceService;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Starts the dashboard, a process of its own, before all others, and the service that tells it about the resources.</summary>
internal sealed class DashboardHost(
    DistributedApplicationOptions options,
    BuiltProjects projects,
    IConfiguration configuration,
    ResourceServiceHost resourceService,
    ILogger<DashboardHost> logger)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private ChildProcess? _process;
    private bool _stopping;

    /// <summary>Where the children send their telemetry; nowhere if there is no dashboard and nobody named another place.</summary>
    public OtlpTarget? Otlp { get; private set; }

    public async Task StartAsync(Lazy<Reaper> reaper, CancellationToken cancellationToken)
    {
        var otlpSetting = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var otlpKey = configuration["AppHost:OtlpApiKey"] ?? RandomKey();
        if (options.DisableDashboard || configuration.GetValue("AppHost:DisableDashboard", false) || projects.Dashboard is not { } assembly)
        {
            Otlp = otlpSetting is null ? null : new OtlpTarget(otlpSetting, otlpKey);
            return;
        }

        if (!File.Exists(assembly))
        {
            Log.DashboardFailed(logger, $"{assembly} is missing, build the AppHost again.");
            return;
        }

        var (pageUrl, pageNote) = FreeAddress(configuration["ASPNETCORE_URLS"]?.Split(';')[0] ?? "http://localhost:18888");
        var (otlpUrl, _) = FreeAddress(otlpSetting ?? "http://localhost:18889");
        var resourceKey = RandomKey();
        var resourceUrl = await resourceService.StartAsync(resourceKey, cancellationToken).ConfigureAwait(false);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        environment["ASPNETCORE_URLS"] = pageUrl;
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"] = otlpUrl;
        environment["Dashboard__Otlp__PrimaryApiKey"] = otlpKey;
        environment["DOTNET_RESOURCE_SERVICE_ENDPOINT_URL"] = resourceUrl;
        environment["Dashboard__ResourceServiceClient__ApiKey"] = resourceKey;
        environment["Dashboard__ApplicationName"] = options.DashboardApplicationName ?? projects.Name ?? "Application";
        try
        {
            _process = ChildProcess.Start(
                new ProcessSpec(ProjectCommands.DotNet, [assembly], Path.GetDirectoryName(assembly)!, environment),
                reaper.Value,
                (line, _) => Log.DashboardWrote(logger, line));
        }
        catch (DistributedApplicationException exception)
        {
            Log.DashboardFailed(logger, exception.Message);
            return;
        }

        Otlp = new OtlpTarget(otlpUrl, otlpKey);
        Console.Out.WriteLine($"Dashboard: {pageUrl}{pageNote}");
        _ = WatchAsync(_process);
    }

    public async Task StopAsync()
    {
        _stopping = true;
        if (_process is not null)
        {
            await _process.StopAsync(Grace).ConfigureAwait(false);
        }

        await resourceService.StopAsync().ConfigureAwait(false);
    }

    private static string RandomKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>The address, or one with a free port if its port is taken.</summary>
    private static (string Url, string Note) FreeAddress(string url)
    {
        var address = new UriBuilder(url);
        if (address.Port == 0)
        {
            address.Port = LoopbackPorts.Free();
        }
        else if (!LoopbackPorts.IsFree(address.Port))
        {
            var taken = address.Port;
            address.Port = LoopbackPorts.Free();
            return (Text(address), string.Create(CultureInfo.InvariantCulture, $" (port {taken} is taken)"));
        }

        return (Text(address), "");
    }

    private static string Text(UriBuilder address) => address.Uri.GetLeftPart(UriPartial.Authority);

    private async Task WatchAsync(ChildProcess process)
    {
        var exitCode = await process.Exited.ConfigureAwait(false);
        if (!_stopping)
        {
            Log.DashboardEnded(logger, exitCode);
        }
    }
}
