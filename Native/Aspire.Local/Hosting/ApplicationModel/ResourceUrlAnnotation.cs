using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where the dashboard shows a link.</summary>
public enum UrlDisplayLocation
{
    /// <summary>In the table and in the details.</summary>
    SummaryAndDetails,

    /// <summary>In the details only.</summary>
    DetailsOnly,
}

/// <summary>A link of a resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>Higher ones come first.</summary>
    public int? DisplayOrder { get; set; }

    /// <summary>An absolute URL, or a path that is added to the endpoint's.</summary>
    public required string Url { get; set; }

    /// <summary>What the link is called; the URL if nothing.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint that the link belongs to.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Where the dashboard shows the link.</summary>
    public UrlDisplayLocation DisplayLocation { get; set; }
}

/// <summary>Changes the links of a resource when its endpoints are known.</summary>
public sealed class ResourceUrlsCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Changes them by an asynchronous callback.</summary>
    /// <param name="callback">Called once, when the endpoints are known.</param>
    public ResourceUrlsCallbackAnnotation(Func<ResourceUrlsCallbackContext, Task> callback) => Callback = callback;

    /// <summary>Changes them by a callback.</summary>
    /// <param name="callback">Called once, when the endpoints are known.</param>
    public ResourceUrlsCallbackAnnotation(Action<ResourceUrlsCallbackContext> callback)
        : this(context =>
        {
            callback(context);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Called once, when the endpoints are known.</summary>
    public Func<ResourceUrlsCallbackContext, Task> Callback { get; }
}

/// <summary>The links of a resource while they are being gathered.</summary>
/// <param name="executionContext">The kind of run.</param>
/// <param name="resource">The resource.</param>
/// <param name="urls">The links so far.</param>
/// <param name="cancellationToken">Ends the gathering.</param>
public class ResourceUrlsCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource, List<ResourceUrlAnnotation>? urls = null, CancellationToken cancellationToken = default)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The links so far.</summary>
    public List<ResourceUrlAnnotation> Urls { get; } = urls ?? [];

    /// <summary>Ends the gathering.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The kind of run.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Writes to the resource's console.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>An endpoint of the resource, if it has one of that name.</summary>
    /// <param name="name">The endpoint's name.</param>
    public EndpointReference? GetEndpoint(string name) =>
        Resource is IResourceWithEndpoints listener && listener.GetEndpoint(name) is { Exists: true } endpoint ? endpoint : null;
}
