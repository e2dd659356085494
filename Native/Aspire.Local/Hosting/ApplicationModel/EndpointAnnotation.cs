using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint as it was asked for: which port, which scheme, whether a proxy stands in front.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? _transport;
    private int? _port;
    private int? _targetPort;

    /// <summary>Asks for an endpoint.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">Such as <c>http</c>; the protocol's name if none.</param>
    /// <param name="transport">Such as <c>http2</c>; follows from the scheme if none.</param>
    /// <param name="name">The scheme if none.</param>
    /// <param name="port">The port that clients use; a free one if none.</param>
    /// <param name="targetPort">The port on which the process listens; a free one if none.</param>
    /// <param name="isExternal">Whether it is meant for the world outside the application.</param>
    /// <param name="isProxied">Whether a proxy listens on <paramref name="port"/> and forwards to the process.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool isProxied = true)
    {
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        Name = name ?? UriScheme;
        ResourceName.Validate(Name, "endpoint");
        Protocol = protocol;
        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied;
    }

    /// <summary>Unique in the resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The port that clients use; without a proxy it is the one on which the process listens.</summary>
    public int? Port
    {
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    /// <summary>The port on which the process listens; without a proxy it is the one that clients use.</summary>
    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    /// <summary>The scheme of its addresses, such as <c>http</c>.</summary>
    public string UriScheme { get; set; }

    /// <summary>The host name that clients use.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>What is spoken on it, such as <c>http</c>, <c>http2</c> or <c>tcp</c>.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol == ProtocolType.Udp ? "udp" : "tcp");
        set => _transport = value;
    }

    /// <summary>Whether it is meant for the world outside the application.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy listens on <see cref="Port"/> and forwards to the process.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Where it can be reached, once that is known.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => Allocation.IsValueSet ? Allocation.GetValueAsync().GetAwaiter().GetResult() : null;
        set
        {
            if (value is null)
            {
                Allocation.SetException(new InvalidOperationException($"The endpoint '{Name}' is not allocated."));
            }
            else
            {
                Allocation.SetValue(value);
            }
        }
    }

    internal ValueSnapshot<AllocatedEndpoint> Allocation { get; } = new();

    /// <summary>The variable that tells the process its port.</summary>
    internal string? TargetPortEnvironmentVariable { get; set; }

    /// <summary>Whether the endpoint comes from the project's launch profile.</summary>
    internal bool FromLaunchProfile { get; set; }
}

/// <summary>Where an endpoint can be reached.</summary>
public class AllocatedEndpoint
{
    /// <summary>Says where an endpoint can be reached.</summary>
    /// <param name="endpoint">The endpoint as it was asked for.</param>
    /// <param name="address">Host name or address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="targetPortExpression">The port on which the process itself listens.</param>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Endpoint = endpoint;
        Address = address;
        Port = port;
        TargetPortExpression = targetPortExpression;
    }

    /// <summary>The endpoint as it was asked for.</summary>
    public EndpointAnnotation Endpoint { get; }

    /// <summary>Host name or address.</summary>
    public string Address { get; }

    /// <summary>The port that clients use.</summary>
    public int Port { get; }

    /// <summary>The port on which the process itself listens.</summary>
    public string? TargetPortExpression { get; }

    /// <summary>The scheme, such as <c>http</c>.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary><c>host:port</c>.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary><c>scheme://host:port</c>.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc/>
    public override string ToString() => UriString;
}
