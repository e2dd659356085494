using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Native.Hosting;

/// <summary>Adds a ZooKeeper-compatible coordination server as a process of this machine.</summary>
public static class NativeZooKeeperBuilderExtensions
{
    /// <summary>Adds the coordination server of <c>Native/ZooKeeper</c> on loopback, with its data in a folder of its own.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="folder">Where the data is kept; made where there is none.</param>
    /// <param name="port">The TCP port.</param>
    public static IResourceBuilder<NativeZooKeeperResource> AddNativeZooKeeper(
        this IDistributedApplicationBuilder builder, string name, string folder, int port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var server = LoopbackServerBuilderExtensions.ProgramOf("ZooKeeperServer");
        var zooKeeper = builder.AddResource(new NativeZooKeeperResource(name, "dotnet", folder))
            .WithArgs(
                server, "--data", folder, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
                "--set", "4lw.commands.whitelist=*");
        return zooKeeper
            .WithLoopbackPort(port, new ZooKeeperHealthCheck(zooKeeper.Resource))
            .WithOtlpExporter(OtlpProtocol.Grpc)
            .WithIconName("Organization");
    }
}
