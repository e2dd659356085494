using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What is read from a project's launch settings.</summary>
public class ProjectResourceOptions
{
    /// <summary>The launch profile; the AppHost's own, else the first, if none.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether no launch profile is used.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether endpoints of the project's Kestrel configuration are left out; Aspire.Local leaves them out always.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}

/// <summary>Adds .NET projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost refers to.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, _ => { });

    /// <summary>Adds a project that the AppHost refers to.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="launchProfileName">The launch profile whose addresses it gets; none if <see langword="null"/>.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, options =>
        {
            options.ExcludeLaunchProfile = launchProfileName is null;
            options.LaunchProfileName = launchProfileName;
        });

    /// <summary>Adds a project that the AppHost refers to.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="configure">Says what is read from its launch settings.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), configure);

    /// <summary>Adds a project by its path.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's folder.</param>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath)
        => builder.AddProject(name, projectPath, _ => { });

    /// <summary>Adds a project by its path.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's folder.</param>
    /// <param name="launchProfileName">The launch profile whose addresses it gets; none if <see langword="null"/>.</param>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName)
        => builder.AddProject(name, projectPath, options =>
        {
            options.ExcludeLaunchProfile = launchProfileName is null;
            options.LaunchProfileName = launchProfileName;
        });

    /// <summary>Adds a project by its path.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, relative to the AppHost's folder.</param>
    /// <param name="configure">Says what is read from its launch settings.</param>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath, Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(projectPath);
        return Add(builder, name, new ProjectAt(Path.GetFullPath(projectPath, builder.AppHostDirectory)), configure);
    }

    /// <summary>Runs several processes of the project behind its endpoints.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="replicas">At least 1.</param>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> Add(IDistributedApplicationBuilder builder, string name, IProjectMetadata project, Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ProjectResourceOptions();
        configure(options);
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project).WithOtlpExporter();
        AddEndpoints(builder, resource, project, options);
        return resource;
    }

    /// <summary>Adds an endpoint for each address in the launch profile.</summary>
    private static void AddEndpoints(IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> resource, IProjectMetadata project, ProjectResourceOptions options)
    {
        if (options.ExcludeLaunchProfile || (project.LaunchSettings ?? LaunchSettings.Read(project.ProjectPath)) is not { } settings)
        {
            return;
        }

        var name = options.LaunchProfileName ?? builder.Configuration["AppHost:DefaultLaunchProfileName"] ?? builder.Configuration["DOTNET_LAUNCH_PROFILE"];
        if (options.LaunchProfileName is not null && !settings.Profiles.ContainsKey(options.LaunchProfileName))
        {
            throw new DistributedApplicationException($"The project {project.ProjectPath} has no launch profile '{options.LaunchProfileName}'.");
        }

        var profile = name is not null && settings.Profiles.TryGetValue(name, out var named)
            ? named
            : settings.Profiles.Values.FirstOrDefault(p => p.CommandName == "Project");
        foreach (var address in profile?.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            var uri = new Uri(address.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal));
            var endpoint = uri.Scheme;
            for (var n = 2; resource.Resource.Annotations.OfType<EndpointAnnotation>().Any(e => ResourceName.Same(e.Name, endpoint)); n++)
            {
                endpoint = $"{uri.Scheme}{n}";
            }

            resource.WithEndpoint(endpoint, e =>
            {
                e.UriScheme = uri.Scheme;
                e.Port = uri.Port;
                e.FromLaunchProfile = true;
            });
        }
    }

    private sealed class ProjectAt(string path) : IProjectMetadata
    {
        public string ProjectPath { get; } = path;
    }
}
