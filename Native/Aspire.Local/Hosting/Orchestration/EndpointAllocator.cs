using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Gives the endpoints of processes their ports, and sets up the proxies in front of them.</summary>
internal sealed class EndpointAllocator(bool randomizePorts) : IAsyncDisposable
{
    private readonly List<EndpointProxy> _proxies = [];

    /// <summary>Gives all endpoints of a resource their addresses.</summary>
    /// <returns>For each replica the ports on which it is to listen, by endpoint name.</returns>
    /// <exception cref="DistributedApplicationException">A port is taken, or can't be shared by the replicas.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, int>> Allocate(IResource resource)
    {
        var replicas = resource.GetReplicaCount();
        var targetPorts = Enumerable.Range(0, replicas).Select(_ => new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)).ToList();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (replicas > 1 && (!endpoint.IsProxied || endpoint.TargetPort is not null))
            {
                throw new DistributedApplicationException($"The resource '{resource.Name}' has {replicas} replicas, and its endpoint '{endpoint.Name}' has no proxy or a target port of its own; replicas can't share a port.");
            }

            var ports = endpoint.IsProxied
                ? targetPorts.ConvertAll(_ => endpoint.TargetPort ?? LoopbackPorts.Free())
                : [endpoint.TargetPort ?? LoopbackPorts.Free()];
            for (var i = 0; i < replicas; i++)
            {
                targetPorts[i][endpoint.Name] = ports[i];
            }

            var port = endpoint.IsProxied ? Listen(resource, endpoint, [.. ports]) : ports[0];
            if (endpoint.AllocatedEndpoint is null)
            {
                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, endpoint.TargetHost, port, ports[0].ToString(CultureInfo.InvariantCulture));
            }
        }

        return targetPorts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
        }
    }

    private int Listen(IResource resource, EndpointAnnotation endpoint, int[] targets)
    {
        var port = randomizePorts ? null : endpoint.Port;
        try
        {
            var proxy = EndpointProxy.Listen(port, targets);
            _proxies.Add(proxy);
            return proxy.Port;
        }
        catch (SocketException exception)
        {
            throw new DistributedApplicationException($"The port {port} of the endpoint '{endpoint.Name}' of '{resource.Name}' is taken by another program.", exception);
        }
    }
}
