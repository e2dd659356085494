using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What the producer's and the consumer's registration have in common.</summary>
internal static class KafkaRegistration
{
    public static void RequireArguments(IHostApplicationBuilder builder, string name, bool keyed)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name, keyed ? "name" : "connectionName");
    }

    /// <summary>Reads a section, then the section of the name in it, which wins.</summary>
    public static void Bind(IConfigurationSection section, string name, object settings, ClientConfig config)
    {
        foreach (var part in (IConfigurationSection[])[section, section.GetSection(name)])
        {
            part.Bind(settings);
            part.GetSection("Config").Bind(config);
        }
    }

    public static void RequireBootstrapServers(ClientConfig config, string name)
    {
        if (string.IsNullOrEmpty(config.BootstrapServers))
        {
            throw new InvalidOperationException($"No Kafka address is configured: set ConnectionStrings:{name} to host:port.");
        }
    }

    /// <summary>Has OpenTelemetry collect the spans and metrics; as it starts with the host, a client that can't be built fails the start.</summary>
    public static void AddTelemetry<TBuilder>(IServiceCollection services, string? key, bool tracing, bool metrics)
        where TBuilder : class
    {
        if (tracing)
        {
            services.AddOpenTelemetry().WithTracing(traces => traces
                .AddSource(KafkaTelemetry.Name)
                .AddInstrumentation(provider => provider.GetRequiredKeyedService<TBuilder>(key)));
        }

        if (metrics)
        {
            if (KafkaStatistics.Wanted)
            {
                services.TryAddSingleton<KafkaStatistics>();
            }

            services.AddOpenTelemetry().WithMetrics(meters => meters
                .AddMeter(KafkaTelemetry.Name, KafkaStatistics.MeterName)
                .AddInstrumentation(provider => provider.GetRequiredKeyedService<TBuilder>(key)));
        }
    }

    /// <summary>Adds the check of a client, named after its kind, and its key where it has one; of two with the same name the first stays.</summary>
    public static void AddHealthCheck(IHostApplicationBuilder builder, string kind, string? key, ClientConfig config)
    {
        var name = key is null ? kind : $"{kind}_{key}";
        if (builder.Properties.TryAdd($"Aspire.HealthChecks.{name}", true))
        {
            builder.Services.AddKeyedSingleton(name, (_, _) => new KafkaHealthCheck(() => CheckedLike(config)));
            builder.Services.AddHealthChecks().Add(
                new HealthCheckRegistration(name, services => services.GetRequiredKeyedService<KafkaHealthCheck>(name), failureStatus: null, tags: null));
        }
    }

    /// <summary>Connects as the client does, and gives up after a second; a check needs neither transactions nor idempotence, which forbid that.</summary>
    private static ProducerConfig CheckedLike(ClientConfig client)
    {
        var config = new ProducerConfig();
        foreach (var (name, value) in client)
        {
            if (name is not ("transactional.id" or "enable.idempotence" or "enable.gapless.guarantee")
                && !name.StartsWith("dotnet.", StringComparison.Ordinal))
            {
                config.Set(name, value);
            }
        }

        (config.LingerMs, config.MessageTimeoutMs, config.SocketTimeoutMs, config.StatisticsIntervalMs) = (0, 1000, 1000, 0);
        return config;
    }
}
