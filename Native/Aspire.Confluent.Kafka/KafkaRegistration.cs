using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting;

/// <summary>What the producer's and the consumer's registration have in common.</summary>
internal static partial class KafkaRegistration
{
    /// <summary>Later wins: the section, the section of the name, the connection string.</summary>
    public static string? Bind(IConfiguration configuration, string sectionName, string connectionName, object settings, ClientConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var section = configuration.GetSection(sectionName);
        foreach (var part in (IConfigurationSection[])[section, section.GetSection(connectionName)])
        {
            part.Bind(settings);
            part.GetSection("Config").Bind(config);
        }

        return configuration.GetConnectionString(connectionName);
    }

    public static void RequireBootstrapServers(ClientConfig config, string connectionName)
    {
        if (string.IsNullOrEmpty(config.BootstrapServers))
        {
            throw new InvalidOperationException($"No Kafka address is configured: set ConnectionStrings:{connectionName} to host:port.");
        }
    }

    public static void AddHealthCheck(IHostApplicationBuilder builder, string name, ClientConfig config)
    {
        builder.Services.AddKeyedSingleton(name, (_, _) => new KafkaHealthCheck(config));
        builder.Services.Configure<HealthCheckServiceOptions>(options =>
        {
            if (options.Registrations.All(registration => registration.Name != name))
            {
                options.Registrations.Add(new HealthCheckRegistration(name, services => services.GetRequiredKeyedService<KafkaHealthCheck>(name), failureStatus: null, tags: null));
            }
        });
    }

    public static void AddTelemetry(IHostApplicationBuilder builder, bool tracing, bool metrics)
    {
        if (tracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(provider => provider.AddSource(KafkaTelemetry.Name));
        }

        if (metrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(provider => provider.AddMeter(KafkaTelemetry.Name));
        }
    }

    /// <summary>librdkafka's log lines go to the category <c>Aspire.Confluent.Kafka</c>.</summary>
    public static Action<LogMessage> LogTo(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Confluent.Kafka");
        return message => LibrdkafkaSays(logger, (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), message.Facility, message.Message);
    }

    [LoggerMessage(EventId = 1, EventName = "librdkafka", Message = "{Facility} {Text}")]
    private static partial void LibrdkafkaSays(ILogger logger, LogLevel level, string facility, string text);
}
