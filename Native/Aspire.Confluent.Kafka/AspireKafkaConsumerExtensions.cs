using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Kafka consumer under a connection name.</summary>
public static class AspireKafkaConsumerExtensions
{
    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaConsumerSettings}?, Action{ConsumerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName)
        => builder.AddKafkaConsumer<TKey, TValue>(connectionName, configureSettings: null, configureBuilder: null);

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaConsumerSettings}?, Action{ConsumerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings)
        => builder.AddKafkaConsumer<TKey, TValue>(connectionName, configureSettings, configureBuilder: null);

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaConsumerSettings}?, Action{ConsumerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder)
        => builder.AddKafkaConsumer(connectionName, configureSettings: null, configureBuilder);

    /// <summary>Registers a singleton <see cref="IConsumer{TKey, TValue}"/> with a health check, spans, and metrics.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c> and <c>Aspire:Confluent:Kafka:Consumer</c>.</param>
    /// <param name="configureSettings">Changes the settings after configuration has been read.</param>
    /// <param name="configureBuilder">Adds deserializers and handlers.</param>
    /// <exception cref="InvalidOperationException">When the consumer is first asked for and no address or no group is configured.</exception>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = new KafkaConsumerSettings();
        settings.ConnectionString = KafkaRegistration.Bind(builder.Configuration, "Aspire:Confluent:Kafka:Consumer", connectionName, settings, settings.Config) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Config.BootstrapServers = settings.ConnectionString ?? settings.Config.BootstrapServers;

        builder.Services.AddSingleton<IConsumer<TKey, TValue>>(services =>
        {
            KafkaRegistration.RequireBootstrapServers(settings.Config, connectionName);
            if (string.IsNullOrEmpty(settings.Config.GroupId))
            {
                throw new InvalidOperationException($"The Kafka consumer of {connectionName} has no group: set Aspire:Confluent:Kafka:Consumer:Config:GroupId.");
            }

            var log = KafkaRegistration.LogTo(services);
            var consumerBuilder = new ConsumerBuilder<TKey, TValue>(settings.Config).SetLogHandler((_, message) => log(message));
            configureBuilder?.Invoke(consumerBuilder);
            var consumer = consumerBuilder.Build();
            return settings is { DisableTracing: true, DisableMetrics: true } ? consumer : new InstrumentedConsumer<TKey, TValue>(consumer, settings.Config.GroupId);
        });
        KafkaRegistration.AddTelemetry(builder, !settings.DisableTracing, !settings.DisableMetrics);
        if (!settings.DisableHealthChecks)
        {
            KafkaRegistration.AddHealthCheck(builder, "Aspire.Confluent.Kafka.Consumer", settings.Config);
        }
    }
}
