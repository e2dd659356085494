using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>A server that runs as a process of this machine and listens on one TCP port of loopback.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="command">The program.</param>
/// <param name="folder">Where the data is; the program works there.</param>
public abstract class LoopbackServerResource(string name, string command, string folder)
    : ExecutableResource(name, command, folder), IResourceWithConnectionString
{
    internal const string EndpointName = "tcp";

    /// <summary>Where the server listens, on loopback.</summary>
    public EndpointReference PrimaryEndpoint => new(this, EndpointName);

    /// <summary>Host and port, as Kafka's and ZooKeeper's clients want them.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"127.0.0.1:{PrimaryEndpoint.Property(EndpointProperty.Port)}");

    /// <summary>Host and port, which a referring resource gets as <c>NAME_HOST</c> and <c>NAME_PORT</c>, such as <c>KAFKA_HOST</c>.</summary>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"127.0.0.1")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
    ];
}
