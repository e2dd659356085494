using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>Kafka as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="command">The program.</param>
/// <param name="folder">Where the data is; the program works there.</param>
public sealed class NativeKafkaResource(string name, string command, string folder)
    : ExecutableResource(name, command, folder), IResourceWithConnectionString
{
    internal const string EndpointName = "tcp";

    /// <summary>Where the broker listens, on loopback.</summary>
    public EndpointReference PrimaryEndpoint => new(this, EndpointName);

    /// <summary>The bootstrap servers, as Kafka's clients want them.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"127.0.0.1:{PrimaryEndpoint.Property(EndpointProperty.Port)}");

    /// <summary>Host and port, which a referring resource gets as <c>KAFKA_HOST</c> and <c>KAFKA_PORT</c>.</summary>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"127.0.0.1")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
    ];
}
