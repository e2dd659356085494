using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A page that shows what is in the Kafka brokers, in a container.</summary>
/// <param name="name">The resource's name.</param>
public sealed class KafkaUIContainerResource(string name) : ContainerResource(name);
