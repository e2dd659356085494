using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Kafka producer under a connection name.</summary>
public static class AspireKafkaProducerExtensions
{
    /// <inheritdoc cref="AddKafkaProducer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaProducerSettings}?, Action{ProducerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaProducer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName)
        => builder.AddKafkaProducer<TKey, TValue>(connectionName, configureSettings: null, configureBuilder: null);

    /// <inheritdoc cref="AddKafkaProducer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaProducerSettings}?, Action{ProducerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaProducer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaProducerSettings>? configureSettings)
        => builder.AddKafkaProducer<TKey, TValue>(connectionName, configureSettings, configureBuilder: null);

    /// <inheritdoc cref="AddKafkaProducer{TKey, TValue}(IHostApplicationBuilder, string, Action{KafkaProducerSettings}?, Action{ProducerBuilder{TKey, TValue}}?)"/>
    public static void AddKafkaProducer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<ProducerBuilder<TKey, TValue>>? configureBuilder)
        => builder.AddKafkaProducer(connectionName, configureSettings: null, configureBuilder);

    /// <summary>Registers a singleton <see cref="IProducer{TKey, TValue}"/> with a health check, spans, and metrics.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c> and <c>Aspire:Confluent:Kafka:Producer</c>.</param>
    /// <param name="configureSettings">Changes the settings after configuration has been read.</param>
    /// <param name="configureBuilder">Adds serializers and handlers.</param>
    /// <exception cref="InvalidOperationException">When the producer is first asked for and no address is configured.</exception>
    public static void AddKafkaProducer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaProducerSettings>? configureSettings, Action<ProducerBuilder<TKey, TValue>>? configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var settings = new KafkaProducerSettings();
        settings.ConnectionString = KafkaRegistration.Bind(builder.Configuration, "Aspire:Confluent:Kafka:Producer", connectionName, settings, settings.Config) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Config.BootstrapServers = settings.ConnectionString ?? settings.Config.BootstrapServers;

        builder.Services.AddSingleton<IProducer<TKey, TValue>>(services =>
        {
            KafkaRegistration.RequireBootstrapServers(settings.Config, connectionName);
            var log = KafkaRegistration.LogTo(services);
            var producerBuilder = new ProducerBuilder<TKey, TValue>(settings.Config).SetLogHandler((_, message) => log(message));
            configureBuilder?.Invoke(producerBuilder);
            var producer = producerBuilder.Build();
            return settings is { DisableTracing: true, DisableMetrics: true } ? producer : new InstrumentedProducer<TKey, TValue>(producer);
        });
        KafkaRegistration.AddTelemetry(builder, !settings.DisableTracing, !settings.DisableMetrics);
        if (!settings.DisableHealthChecks)
        {
            KafkaRegistration.AddHealthCheck(builder, "Aspire.Confluent.Kafka.Producer", settings.Config);
        }
    }
}
