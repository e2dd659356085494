using Aspire.Confluent.Kafka;
using Aspire.Hosting.ApplicationModel;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Kafka brokers, and a page that shows them, to an application.</summary>
public static class KafkaBuilderExtensions
{
    private const string DataFolder = "/var/lib/kafka/data";

    /// <summary>Adds a Kafka broker in a container; it is healthy once it acknowledges a message.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, and the name of its connection string in what refers to it.</param>
    /// <param name="port">The port of this machine that clients use; a free one if none.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        string? servers = null;
        var check = $"{name}_check";
        builder.Services.AddKeyedSingleton(check, (_, _) => new KafkaHealthCheck(() => new ProducerConfig
        {
            BootstrapServers = servers ?? throw new InvalidOperationException($"The address of {name} is not known yet: its endpoint is not allocated."),
            MessageTimeoutMs = 5000,
        }));
        builder.Services.AddHealthChecks().Add(
            new HealthCheckRegistration(check, services => services.GetRequiredKeyedService<KafkaHealthCheck>(check), failureStatus: null, tags: null));

        return builder.AddResource(new KafkaServerResource(name))
            .WithEndpoint(port, targetPort: 9092, name: KafkaServerResource.PrimaryEndpointName)
            .WithEndpoint(targetPort: 9093, name: KafkaServerResource.InternalEndpointName)
            .WithImage("confluentinc/confluent-local", "8.2.0")
            .WithImageRegistry("docker.io")
            .WithIconName("MailMultiple")
            .WithListeners()
            .OnConnectionStringAvailable(async (kafka, _, cancellationToken) =>
                servers = await kafka.ConnectionStringExpression.GetValueAsync(cancellationToken))
            .WithHealthCheck(check);
    }

    /// <summary>Adds the page Kafka UI in a container, one for all brokers of the application.</summary>
    /// <param name="builder">A broker.</param>
    /// <param name="configureContainer">Changes the page's container.</param>
    /// <param name="containerName">The name of the page's resource; <c>kafka-ui</c> if none. Not used where the page is there already.</param>
    public static IResourceBuilder<KafkaServerResource> WithKafkaUI(
        this IResourceBuilder<KafkaServerResource> builder, Action<IResourceBuilder<KafkaUIContainerResource>>? configureContainer = null,
        string? containerName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var application = builder.ApplicationBuilder;
        var page = application.Resources.OfType<KafkaUIContainerResource>().SingleOrDefault() is { } known
            ? application.CreateResourceBuilder(known)
            : application.AddResource(new KafkaUIContainerResource(containerName ?? "kafka-ui"))
                .WithImage("kafbat/kafka-ui", "v1.5.0")
                .WithImageRegistry("docker.io")
                .WithIconName("WindowDatabase")
                .WithHttpEndpoint(targetPort: 8080)
                .WithBrokers(application.Resources.OfType<KafkaServerResource>())
                .ExcludeFromManifest();
        configureContainer?.Invoke(page);
        return builder;
    }

    /// <summary>Sets the port of this machine that the page is on.</summary>
    /// <param name="builder">The page.</param>
    /// <param name="port">The port; a free one if none.</param>
    public static IResourceBuilder<KafkaUIContainerResource> WithHostPort(this IResourceBuilder<KafkaUIContainerResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithEndpoint("http", endpoint => endpoint.Port = port);
    }

    /// <summary>Keeps the broker's data in a volume.</summary>
    /// <param name="builder">The broker.</param>
    /// <param name="name">The volume's name; made of the application's and the resource's if none.</param>
    /// <param name="isReadOnly">Whether the broker can't write to it.</param>
    public static IResourceBuilder<KafkaServerResource> WithDataVolume(
        this IResourceBuilder<KafkaServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithDataFolder().WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataFolder, isReadOnly);
    }

    /// <summary>Keeps the broker's data in a folder of this machine.</summary>
    /// <param name="builder">The broker.</param>
    /// <param name="source">The folder; a relative path starts at the AppHost's.</param>
    /// <param name="isReadOnly">Whether the broker can't write to it.</param>
    public static IResourceBuilder<KafkaServerResource> WithDataBindMount(
        this IResourceBuilder<KafkaServerResource> builder, string source, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(source);
        return builder.WithDataFolder().WithBindMount(source, DataFolder, isReadOnly);
    }

    private static IResourceBuilder<KafkaServerResource> WithDataFolder(this IResourceBuilder<KafkaServerResource> builder) =>
        builder.WithEnvironment("KAFKA_LOG_DIRS", DataFolder);

    /// <summary>
    /// The image's own two listeners, one for processes of this machine, and one for containers. A client goes on with the address that
    /// the listener it came to advertises (Kafka's <c>advertised.listeners</c>), so each names what its own clients can reach.
    /// </summary>
    private static IResourceBuilder<KafkaServerResource> WithListeners(this IResourceBuilder<KafkaServerResource> kafka) => kafka.WithEnvironment(context =>
    {
        var (host, container) = (kafka.Resource.PrimaryEndpoint, kafka.Resource.InternalEndpoint);
        var environment = context.EnvironmentVariables;
        environment["KAFKA_LISTENERS"] =
            "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:9092,PLAINTEXT_INTERNAL://0.0.0.0:9093";
        environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT";

        // On Aspire's container network a container's name is its host name; where it is published to, the environment knows the hosts.
        var advertised = new ReferenceExpressionBuilder();
        if (context.ExecutionContext.IsRunMode)
        {
            advertised.Append($"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:{host.Property(EndpointProperty.Port)}");
            advertised.Append($",PLAINTEXT_INTERNAL://{kafka.Resource.Name}:{container.Property(EndpointProperty.TargetPort)}");
        }
        else
        {
            advertised.Append($"PLAINTEXT://{host.Property(EndpointProperty.Host)}:29092,PLAINTEXT_HOST://{host.Property(EndpointProperty.HostAndPort)}");
            advertised.Append($",PLAINTEXT_INTERNAL://{container.Property(EndpointProperty.HostAndPort)}");
        }

        environment["KAFKA_ADVERTISED_LISTENERS"] = advertised.Build();
    });

    /// <summary>Kafka UI's variables for each broker, numbered from 0; read as the page starts, when all brokers have been added.</summary>
    private static IResourceBuilder<KafkaUIContainerResource> WithBrokers(
        this IResourceBuilder<KafkaUIContainerResource> page, IEnumerable<KafkaServerResource> brokers) => page.WithEnvironment(context =>
    {
        foreach (var (number, broker) in brokers.Index())
        {
            var endpoint = broker.InternalEndpoint;
            context.EnvironmentVariables[$"KAFKA_CLUSTERS_{number}_NAME"] = broker.Name;
            context.EnvironmentVariables[$"KAFKA_CLUSTERS_{number}_BOOTSTRAPSERVERS"] = context.ExecutionContext.IsRunMode
                ? ReferenceExpression.Create($"{broker.Name}:{endpoint.Property(EndpointProperty.TargetPort)}")
                : ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.HostAndPort)}");
        }
    });
}
