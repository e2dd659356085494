using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>Adds Kafka as a process of this machine.</summary>
public static class NativeKafkaBuilderExtensions
{
    /// <summary>
    /// Adds a broker on loopback with its data in a folder of its own: Apache Kafka where the environment variable <c>KAFKA_HOME</c>
    /// names an installation of it, else <c>Kafka.Broker</c>.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="folder">Where the data is kept; made where there is none. Apache Kafka's is beside it, with "-apache" after its name.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="zooKeeper">Where <c>Kafka.Broker</c> registers as a Kafka 3 broker does; it works on while that is away. Null for nowhere.</param>
    public static IResourceBuilder<NativeKafkaResource> AddNativeKafka(
        this IDistributedApplicationBuilder builder, string name, string folder, int port, IResourceBuilder<IResourceWithConnectionString>? zooKeeper = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        folder = Path.GetFullPath(folder);
        var kafka = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home
            ? AddApacheKafka(builder, name, new ApacheKafka(home, $"{folder}-apache", port))
            : AddKafkaBroker(builder, name, folder, port, zooKeeper);
        return kafka.WithLoopbackPort(port, new KafkaHealthCheck(kafka.Resource)).WithIconName("ArrowRouting");
    }

    private static IResourceBuilder<NativeKafkaResource> AddKafkaBroker(
        IDistributedApplicationBuilder builder, string name, string folder, int port, IResourceBuilder<IResourceWithConnectionString>? zooKeeper)
    {
        var broker = LoopbackServerBuilderExtensions.ProgramOf("KafkaBroker");
        Directory.CreateDirectory(folder);
        var kafka = builder.AddResource(new NativeKafkaResource(name, "dotnet", folder))
            .WithArgs(broker, "--data", folder, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
        return zooKeeper is null ? kafka : kafka.WithArgs("--set", ReferenceExpression.Create($"zookeeper.connect={zooKeeper.Resource}"));
    }

    private static IResourceBuilder<NativeKafkaResource> AddApacheKafka(IDistributedApplicationBuilder builder, string name, ApacheKafka apache)
    {
        Directory.CreateDirectory(apache.Folder);
        return builder.AddResource(new NativeKafkaResource(name, apache.StartScript, apache.Folder))
            .WithEnvironment("LOG_DIR", Path.Combine(apache.Folder, "log"))
            .WithArgs(apache.SettingsFile)
            .OnBeforeResourceStarted((_, _, cancellationToken) => apache.PrepareAsync(cancellationToken));
    }
}
