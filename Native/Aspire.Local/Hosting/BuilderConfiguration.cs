using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Where the AppHost's configuration comes from; later ones win.</summary>
internal static class BuilderConfiguration
{
    public static void Add(ConfigurationManager configuration, string appHostDirectory, string environment, DistributedApplicationOptions options)
    {
        configuration
            .AddInMemoryCollection(options.Defaults)
            .SetBasePath(appHostDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{environment}.json", optional: true)
            .AddEnvironmentVariables();
        if (options.Args is { Length: > 0 } args)
        {
            configuration.AddCommandLine(args);
        }
    }

    /// <summary>The AppHost's own log, on standard output; warnings and worse on standard error.</summary>
    public static void AddLogging(HostApplicationBuilder host)
    {
        host.Logging
            .AddFilter("System.Net.Http", LogLevel.Warning)
            // Why the start failed is thrown to the AppHost, which says it in its own way.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            // What a check says is in the resource's state; its log would repeat it at every try.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddConfiguration(host.Configuration.GetSection("Logging"))
            .AddSimpleConsole(console => console.SingleLine = true)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Warning);
    }
}
