namespace Aspire.Local.Dashboard;

/// <summary>What the AppHost tells the dashboard, by the environment variables that Aspire's own dashboard reads.</summary>
internal sealed record DashboardOptions
{
    /// <summary>Where the pages and the JSON view are served: <c>ASPNETCORE_URLS</c>.</summary>
    public required IReadOnlyList<Uri> Pages { get; init; }

    /// <summary>Where OTLP/gRPC is taken, cleartext HTTP/2: <c>DOTNET_DASHBOARD_OTLP_ENDPOINT_URL</c>.</summary>
    public required Uri OtlpGrpc { get; init; }

    /// <summary>Where OTLP/HTTP is taken, if anywhere: <c>DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL</c>.</summary>
    public Uri? OtlpHttp { get; init; }

    /// <summary>What a sender must give as <c>x-otlp-api-key</c>; without one, everybody on this machine may send.</summary>
    public string? OtlpApiKey { get; init; }

    /// <summary>The AppHost's resource service: <c>DOTNET_RESOURCE_SERVICE_ENDPOINT_URL</c>; without one, the dashboard shows telemetry alone.</summary>
    public Uri? ResourceService { get; init; }

    /// <summary>The key for the resource service.</summary>
    public string? ResourceServiceApiKey { get; init; }

    /// <summary>The name in the title of every page.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="FormatException">A setting is wrong; the message is one sentence that names it.</exception>
    public static DashboardOptions Read(IConfiguration configuration) => new()
    {
        Pages = [.. (Text(configuration, "URLS") ?? "http://localhost:18888").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => Loopback("ASPNETCORE_URLS", url))],
        OtlpGrpc = Loopback("DOTNET_DASHBOARD_OTLP_ENDPOINT_URL", Text(configuration, "DOTNET_DASHBOARD_OTLP_ENDPOINT_URL") ?? "http://localhost:18889"),
        OtlpHttp = Text(configuration, "DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL") is { } http ? Loopback("DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", http) : null,
        OtlpApiKey = Text(configuration, "Dashboard:Otlp:PrimaryApiKey"),
        ResourceService = Text(configuration, "DOTNET_RESOURCE_SERVICE_ENDPOINT_URL") is { } service ? Loopback("DOTNET_RESOURCE_SERVICE_ENDPOINT_URL", service) : null,
        ResourceServiceApiKey = Text(configuration, "Dashboard:ResourceServiceClient:ApiKey"),
        ApplicationName = Text(configuration, "Dashboard:ApplicationName") ?? "Aspire.Local",
    };

    private static string? Text(IConfiguration configuration, string key) =>
        string.IsNullOrWhiteSpace(configuration[key]) ? null : configuration[key];

    private static Uri Loopback(string setting, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback
            ? uri
            : throw new FormatException($"{setting} is '{url}', but the dashboard serves this machine only: give an address like http://localhost:18888.");
}
