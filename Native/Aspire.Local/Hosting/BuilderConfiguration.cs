using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Where the AppHost's configuration comes from; later ones win.</summary>
internal static class BuilderConfiguration
{
    public static void Add(ConfigurationManager configuration, string appHostDirectory, string environment, DistributedApplicationOptions options)
    {
        configuration
            .SetBasePath(appHostDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{environment}.json", optional: true)
            .AddEnvironmentVariables();
        if (options.Args is { Length: > 0 } args)
        {
            configuration.AddCommandLine(args);
        }
    }
}
