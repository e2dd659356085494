using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Kafka brokers in containers.</summary>
public static class KafkaBuilderExtensions
{
    /// <summary>Adds a broker.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port that clients use; a free one if none.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new KafkaServerResource(name))
            .WithEndpoint(port, 9092, name: KafkaServerResource.PrimaryEndpointName)
            .WithAnnotation(new ContainerImageAnnotation { Image = "confluentinc/confluent-local", Tag = "8.2.0" });
    }

    /// <summary>Adds a page that shows what is in the broker.</summary>
    /// <param name="builder">The broker.</param>
    /// <param name="configureContainer">Changes the page's container.</param>
    /// <param name="containerName">The name of the page's resource; <c>kafka-ui</c> if none.</param>
    public static IResourceBuilder<KafkaServerResource> WithKafkaUI(this IResourceBuilder<KafkaServerResource> builder, Action<IResourceBuilder<KafkaUIContainerResource>>? configureContainer = null, string? containerName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var page = builder.ApplicationBuilder.Resources.OfType<KafkaUIContainerResource>().FirstOrDefault() is { } known
            ? builder.ApplicationBuilder.CreateResourceBuilder(known)
            : builder.ApplicationBuilder.AddResource(new KafkaUIContainerResource(containerName ?? "kafka-ui"))
                .WithHttpEndpoint(targetPort: 8080)
                .WithAnnotation(new ContainerImageAnnotation { Image = "kafbat/kafka-ui", Tag = "v1.5.0" });
        page.WithReferenceRelationship(builder.Resource);
        configureContainer?.Invoke(page);
        return builder;
    }

    /// <summary>Sets the port of the page.</summary>
    /// <param name="builder">The page.</param>
    /// <param name="port">The port; a free one if none.</param>
    public static IResourceBuilder<KafkaUIContainerResource> WithHostPort(this IResourceBuilder<KafkaUIContainerResource> builder, int? port)
        => builder.WithEndpoint("http", endpoint => endpoint.Port = port);

    /// <summary>Keeps the broker's data in a volume.</summary>
    /// <param name="builder">The broker.</param>
    /// <param name="name">The volume's name; made of the application's and the resource's if none.</param>
    /// <param name="isReadOnly">Whether the broker can't write to it.</param>
    public static IResourceBuilder<KafkaServerResource> WithDataVolume(this IResourceBuilder<KafkaServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithVolume(name ?? $"{builder.Resource.Name}-data", "/var/lib/kafka/data", isReadOnly);
    }
}
