namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project that runs as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource;

/// <summary>Reads what is known about project resources.</summary>
public static class ProjectResourceExtensions
{
    /// <summary>The project resources of an application.</summary>
    /// <param name="model">The application.</param>
    public static IEnumerable<ProjectResource> GetProjectResources(this DistributedApplicationModel model) => model.Resources.OfType<ProjectResource>();

    /// <summary>Where the project is.</summary>
    /// <param name="projectResource">The resource.</param>
    public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource) => projectResource.Annotations.OfType<IProjectMetadata>().Single();
}
