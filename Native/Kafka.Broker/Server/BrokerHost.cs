using Kafka.Broker.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Kafka.Broker.Server;

/// <summary>The process of the broker: its log on standard error, its end by SIGTERM or Ctrl+C.</summary>
internal static class BrokerHost
{
    /// <summary>Serves until it is stopped. What keeps it from starting is thrown, not logged.</summary>
    public static async Task<int> RunAsync(BrokerOptions options, CancellationToken stopping)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<BrokerService>();
        using var host = builder.Build();
        await host.RunAsync(stopping);
        return 0;
    }
}
