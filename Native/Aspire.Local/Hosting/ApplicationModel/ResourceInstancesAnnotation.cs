using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of a resource's replicas, such as <c>worker-1a2b3c4d</c>; set before the application starts.</summary>
internal sealed class ResourceInstancesAnnotation(ImmutableArray<string> ids) : IResourceAnnotation
{
    public ImmutableArray<string> Ids { get; } = ids;
}
