using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Describes resources of a kind of their own.</summary>
public static class CustomResourceExtensions
{
    /// <summary>How the resource's row looks before it starts.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="initialSnapshot">The first snapshot.</param>
    public static IResourceBuilder<TResource> WithInitialState<TResource>(this IResourceBuilder<TResource> builder, CustomResourceSnapshot initialSnapshot)
        where TResource : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceSnapshotAnnotation(initialSnapshot), ResourceAnnotationMutationBehavior.Replace);
    }
}
