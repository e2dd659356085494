using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds an HTTP endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that clients use; a free one if none.</param>
    /// <param name="targetPort">The port on which the process listens; a free one if none.</param>
    /// <param name="name">The endpoint's name; <c>http</c> if none.</param>
    /// <param name="env">The variable that tells the process its port.</param>
    /// <param name="isProxied">Whether a proxy listens on <paramref name="port"/> and forwards to the process; it does if nothing is said.</param>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied ?? true);

    /// <summary>Adds an HTTPS endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that clients use; a free one if none.</param>
    /// <param name="targetPort">The port on which the process listens; a free one if none.</param>
    /// <param name="name">The endpoint's name; <c>https</c> if none.</param>
    /// <param name="env">The variable that tells the process its port.</param>
    /// <param name="isProxied">Whether a proxy listens on <paramref name="port"/> and forwards to the process; it does if nothing is said.</param>
    public static IResourceBuilder<T> WithHttpsEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "https", name, env, isProxied ?? true);

    /// <summary>Adds an endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that clients use; a free one if none.</param>
    /// <param name="targetPort">The port on which the process listens; a free one if none.</param>
    /// <param name="scheme">The scheme; the protocol's name if none.</param>
    /// <param name="name">The endpoint's name; the scheme if none.</param>
    /// <param name="env">The variable that tells the process its port.</param>
    /// <param name="isProxied">Whether a proxy listens on <paramref name="port"/> and forwards to the process.</param>
    /// <param name="isExternal">Whether it is meant for the world outside the application.</param>
    /// <param name="protocol">TCP if none.</param>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name.</exception>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null, string? env = null, bool isProxied = true, bool? isExternal = null, ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, scheme, name: name, port: port, targetPort: targetPort, isExternal: isExternal, isProxied: isProxied)
        {
            TargetPortEnvironmentVariable = env,
        };
        var resource = builder.Resource;
        if (resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => ResourceName.Same(e.Name, endpoint.Name)) is { } known)
        {
            if (!known.FromLaunchProfile)
            {
                throw new DistributedApplicationException($"The resource '{resource.Name}' has an endpoint named '{endpoint.Name}' already; give the new one another name.");
            }

            resource.Annotations.Remove(known);
        }

        if (env is not null && resource is IResourceWithEnvironment)
        {
            var ownPort = new EndpointReference(resource, endpoint).Property(EndpointProperty.TargetPort);
            resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[env] = ownPort));
        }

        return builder.WithAnnotation(endpoint);
    }

    /// <summary>Changes an endpoint, or adds it.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">The endpoint's name.</param>
    /// <param name="callback">Changes it.</param>
    /// <param name="createIfNotExists">Whether it is added if there is none.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        var endpoint = builder.Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(e => ResourceName.Same(e.Name, endpointName));
        if (endpoint is not null)
        {
            callback(endpoint);
        }
        else if (createIfNotExists)
        {
            endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            callback(endpoint);
            builder.Resource.Annotations.Add(endpoint);
        }

        return builder;
    }

    /// <summary>Marks all HTTP endpoints of the resource as meant for the world outside the application.</summary>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https"))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    /// <summary>An endpoint of the resource, which may be added later.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The endpoint's name.</param>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name);
    }

    /// <summary>Adds a link to the resource's row.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="url">Where it leads.</param>
    /// <param name="displayText">What it is called; the URL if nothing.</param>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });
    }

    /// <summary>Adds a link to the resource's row.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="url">Where it leads, with holes that are filled when the endpoints are known.</param>
    /// <param name="displayText">What it is called; the URL if nothing.</param>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, in ReferenceExpression.ExpressionInterpolatedStringHandler url, string? displayText = null)
        where T : IResource => builder.WithUrl(ReferenceExpression.Create(in url), displayText);

    /// <summary>Adds a link to the resource's row.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="url">Where it leads, with holes that are filled when the endpoints are known.</param>
    /// <param name="displayText">What it is called; the URL if nothing.</param>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, ReferenceExpression url, string? displayText = null)
        where T : IResource => builder.WithUrls(async context =>
        {
            if (await url.GetValueAsync(context.CancellationToken).ConfigureAwait(false) is { Length: > 0 } value)
            {
                context.Urls.Add(new ResourceUrlAnnotation { Url = value, DisplayText = displayText });
            }
        });

    /// <summary>Changes the links of the resource's row when its endpoints are known.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">Changes them.</param>
    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Action<ResourceUrlsCallbackContext> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));
    }

    /// <summary>Changes the links of the resource's row when its endpoints are known.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">Changes them.</param>
    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Func<ResourceUrlsCallbackContext, Task> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));
    }

    /// <summary>Changes the link to an endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">The endpoint's name.</param>
    /// <param name="callback">Changes it; a <see cref="ResourceUrlAnnotation.Url"/> that begins with a slash is a path below the endpoint.</param>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
        where T : IResource => builder.WithUrls(context =>
        {
            foreach (var url in context.Urls.Where(url => ResourceName.Same(url.Endpoint?.EndpointName, endpointName)))
            {
                callback(url);
            }
        });

    /// <summary>Adds a link to an endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">The endpoint's name.</param>
    /// <param name="callback">Makes it.</param>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints => builder.WithUrls(context =>
        {
            if (context.GetEndpoint(endpointName) is { } endpoint)
            {
                var made = callback(endpoint);
                context.Urls.Add(new ResourceUrlAnnotation { Url = made.Url, DisplayText = made.DisplayText, DisplayLocation = made.DisplayLocation, DisplayOrder = made.DisplayOrder, Endpoint = endpoint });
            }
        });
}
