using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Makes the links of a resource when its endpoints are known.</summary>
internal static class ResourceUrls
{
    public static async Task<ImmutableArray<UrlSnapshot>> GatherAsync(IResource resource, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var urls = new List<ResourceUrlAnnotation>();
        if (resource is IResourceWithEndpoints listener)
        {
            urls.AddRange(listener.GetEndpoints().Where(endpoint => endpoint.IsAllocated).Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint }));
        }

        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>());
        var context = new ResourceUrlsCallbackContext(executionContext, resource, urls, cancellationToken);
        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToList())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        return
        [
            .. context.Urls.OrderByDescending(url => url.DisplayOrder ?? 0).Select(url => new UrlSnapshot(
                url.Endpoint?.EndpointName,
                url.Url.StartsWith('/') && url.Endpoint is { IsAllocated: true } endpoint ? endpoint.Url + url.Url : url.Url,
                url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
            {
                // A link to an endpoint leads somewhere only while the process runs.
                IsInactive = url.Endpoint is not null,
                DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? "", url.DisplayOrder ?? 0),
            }),
        ];
    }
}
