using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of an application, in the order they were added.</summary>
public interface IResourceCollection : IList<IResource>;

/// <inheritdoc cref="IResourceCollection"/>
internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection;

/// <summary>The application as it was described: all its resources.</summary>
/// <param name="resources">The resources, in the order they were added.</param>
public class DistributedApplicationModel(IResourceCollection resources)
{
    /// <summary>The resources, in the order they were added.</summary>
    public IResourceCollection Resources { get; } = resources;
}
