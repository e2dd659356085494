using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Kafka consumer under a connection name.</summary>
public static class AspireKafkaConsumerExtensions
{
    /// <summary>Registers a consumer as configuration says.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName) =>
        Add<TKey, TValue>(builder, connectionName, keyed: false, configureSettings: null, configureBuilder: null);

    /// <summary>Registers a consumer as configuration and a delegate say.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings) =>
        Add<TKey, TValue>(builder, connectionName, keyed: false, configureSettings, configureBuilder: null);

    /// <summary>Registers a consumer as configuration says, with the application's deserializers and handlers.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, keyed: false, configureSettings: null, WithServices(configureBuilder));

    /// <summary>Registers a consumer as configuration says, with deserializers and handlers made of the application's services.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, keyed: false, configureSettings: null, configureBuilder);

    /// <summary>Registers a consumer as configuration and a delegate say, with the application's deserializers and handlers.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings,
        Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, keyed: false, configureSettings, WithServices(configureBuilder));

    /// <summary>Registers a singleton <see cref="IConsumer{TKey, TValue}"/> with a health check, spans, metrics and logs.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">
    /// The name under <c>ConnectionStrings</c>, and of the section in <c>Aspire:Confluent:Kafka:Consumer</c> that is this one's alone.
    /// </param>
    /// <param name="configureSettings">Changes the settings after configuration has been read.</param>
    /// <param name="configureBuilder">Adds deserializers and handlers.</param>
    /// <exception cref="InvalidOperationException">As the host starts, or the consumer is first asked for: no address or no group is configured.</exception>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, keyed: false, configureSettings, configureBuilder);

    /// <summary>Registers a consumer under a key as configuration says.</summary>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name) =>
        Add<TKey, TValue>(builder, name, keyed: true, configureSettings: null, configureBuilder: null);

    /// <summary>Registers a consumer under a key as configuration and a delegate say.</summary>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings) =>
        Add<TKey, TValue>(builder, name, keyed: true, configureSettings, configureBuilder: null);

    /// <summary>Registers a consumer under a key as configuration says, with the application's deserializers and handlers.</summary>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string name, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, keyed: true, configureSettings: null, WithServices(configureBuilder));

    /// <summary>Registers a consumer under a key as configuration says, with deserializers and handlers made of the application's services.</summary>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string name, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, keyed: true, configureSettings: null, configureBuilder);

    /// <summary>Registers a consumer under a key as configuration and a delegate say, with the application's deserializers and handlers.</summary>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings,
        Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, keyed: true, configureSettings, WithServices(configureBuilder));

    /// <summary>Registers a singleton <see cref="IConsumer{TKey, TValue}"/> under a key, with a health check, spans, metrics and logs.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The service's key, the name under <c>ConnectionStrings</c>, and of a section in <c>Aspire:Confluent:Kafka:Consumer</c>.</param>
    /// <param name="configureSettings">Changes the settings after configuration has been read.</param>
    /// <param name="configureBuilder">Adds deserializers and handlers.</param>
    /// <exception cref="InvalidOperationException">As the host starts, or the consumer is first asked for: no address or no group is configured.</exception>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, keyed: true, configureSettings, configureBuilder);

    private static void Add<TKey, TValue>(
        IHostApplicationBuilder builder, string name, bool keyed, Action<KafkaConsumerSettings>? configureSettings,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder)
    {
        KafkaRegistration.RequireArguments(builder, name, keyed);
        var settings = new KafkaConsumerSettings();
        KafkaRegistration.Bind(builder.Configuration.GetSection("Aspire:Confluent:Kafka:Consumer"), name, settings, settings.Config);
        settings.ConnectionString = builder.Configuration.GetConnectionString(name) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Config.BootstrapServers = settings.ConnectionString ?? settings.Config.BootstrapServers;
        if (!settings.DisableMetrics)
        {
            settings.Config.StatisticsIntervalMs ??= 1000;
        }

        // A null key registers, and finds, the service without a key.
        var key = keyed ? name : null;
        builder.Services.AddKeyedSingleton(key, (services, _) =>
        {
            KafkaRegistration.RequireBootstrapServers(settings.Config, name);
            if (string.IsNullOrEmpty(settings.Config.GroupId))
            {
                throw new InvalidOperationException(
                    $"The Kafka consumer of {name} has no group: set Aspire:Confluent:Kafka:Consumer:Config:GroupId.");
            }

            var instrumented = new InstrumentedConsumerBuilder<TKey, TValue>(settings);
            configureBuilder?.Invoke(services, instrumented);
            instrumented.AddHandlers(services);
            return instrumented;
        });
        builder.Services.AddKeyedSingleton(
            key, (services, _) => services.GetRequiredKeyedService<InstrumentedConsumerBuilder<TKey, TValue>>(key).Build());
        KafkaRegistration.AddTelemetry<InstrumentedConsumerBuilder<TKey, TValue>>(builder.Services, key, !settings.DisableTracing, !settings.DisableMetrics);
        if (!settings.DisableHealthChecks)
        {
            KafkaRegistration.AddHealthCheck(builder, "Aspire.Confluent.Kafka.Consumer", key, settings.Config);
        }
    }

    private static Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? WithServices<TKey, TValue>(
        Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        configureBuilder is null ? null : (_, builder) => configureBuilder(builder);
}
