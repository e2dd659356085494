using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Native.Hosting;

/// <summary>What all servers on loopback have in the application's model.</summary>
internal static class LoopbackServerBuilderExtensions
{
    /// <summary>Adds the server's port, which Aspire does not stand in front of, and its health check; a manifest knows nothing of it.</summary>
    public static IResourceBuilder<T> WithLoopbackPort<T>(this IResourceBuilder<T> server, int port, LoopbackHealthCheck health)
        where T : LoopbackServerResource
    {
        server.ApplicationBuilder.Services.AddHealthChecks().AddCheck(server.Resource.Name, health);
        return server
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: LoopbackServerResource.EndpointName, isProxied: false)
            .WithHealthCheck(server.Resource.Name)
            .ExcludeFromManifest();
    }

    /// <summary>Where a server of this repository was built, as the project file of this library notes it.</summary>
    /// <param name="key">The note's key.</param>
    public static string ProgramOf(string key) => typeof(LoopbackServerBuilderExtensions).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
