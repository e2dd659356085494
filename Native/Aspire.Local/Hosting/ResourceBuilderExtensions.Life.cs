using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Starts the resource only when another runs and is healthy.</summary>
    /// <param name="builder">The one that waits.</param>
    /// <param name="dependency">The other.</param>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilHealthy);

    /// <summary>Starts the resource only when another runs and is healthy.</summary>
    /// <param name="builder">The one that waits.</param>
    /// <param name="dependency">The other.</param>
    /// <param name="waitBehavior">What waiting does when the other can't start.</param>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilHealthy, waitBehavior);

    /// <summary>Starts the resource only when another runs.</summary>
    /// <param name="builder">The one that waits.</param>
    /// <param name="dependency">The other.</param>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilStarted);

    /// <summary>Starts the resource only when another runs.</summary>
    /// <param name="builder">The one that waits.</param>
    /// <param name="dependency">The other.</param>
    /// <param name="waitBehavior">What waiting does when the other can't start.</param>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilStarted, waitBehavior);

    /// <summary>Starts the resource only when another has come to its end.</summary>
    /// <param name="builder">The one that waits.</param>
    /// <param name="dependency">The other.</param>
    /// <param name="exitCode">The exit code that counts as success; with another, this resource fails to start.</param>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitForCompletion, exitCode: exitCode);

    /// <summary>Makes the resource's health depend on a check that is registered with the application's services.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="key">The name under which the check is registered.</param>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        return builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key)
            ? throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' has the health check '{key}' already.")
            : builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Makes the resource's health depend on what an HTTP request to it gives.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path that is asked; <c>/</c> if none.</param>
    /// <param name="statusCode">The status that means healthy; 200 if none.</param>
    /// <param name="endpointName">The endpoint that is asked; the first HTTP one if none.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHttpHealthCheck(endpointName is null ? null : () => builder.GetEndpoint(endpointName), path, statusCode);
    }

    /// <summary>Makes the resource's health depend on what an HTTP request to it gives.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointSelector">Gives the endpoint that is asked; the first HTTP one if none.</param>
    /// <param name="path">The path that is asked; <c>/</c> if none.</param>
    /// <param name="statusCode">The status that means healthy; 200 if none.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        path ??= "/";
        var status = statusCode ?? 200;
        var resource = builder.Resource;
        EndpointReference Endpoint() => endpointSelector?.Invoke()
            ?? resource.GetEndpoints().FirstOrDefault(e => e.IsHttp)
            ?? resource.GetEndpoints().FirstOrDefault(e => e.IsHttps)
            ?? throw new DistributedApplicationException($"The resource '{resource.Name}' has a health check over HTTP and no HTTP endpoint.");

        var key = $"{resource.Name}_{path}_{status}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new Orchestration.HttpHealthCheck(services.GetRequiredService<IHttpClientFactory>(), Endpoint, path, status),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);
    }

    /// <summary>Starts the resource only when somebody says so.</summary>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ExplicitStartupAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Adds something that a person can do with the resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The command's name; one of that name is replaced.</param>
    /// <param name="displayName">What the button says.</param>
    /// <param name="executeCommand">What it does.</param>
    /// <param name="commandOptions">What is optional.</param>
    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions? commandOptions = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(executeCommand);
        var annotations = builder.Resource.Annotations;
        if (annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(command => command.Name == name) is { } known)
        {
            annotations.Remove(known);
        }

        var options = commandOptions ?? new();
        return builder.WithAnnotation(new ResourceCommandAnnotation(
            name,
            displayName,
            options.UpdateState ?? (_ => ResourceCommandState.Enabled),
            executeCommand,
            options.Description,
            options.Parameter,
            options.ConfirmationMessage,
            options.IconName,
            options.IconVariant,
            options.IsHighlighted));
    }

    /// <summary>Leaves the resource out of a manifest; Aspire.Local writes none.</summary>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(ManifestPublishingCallbackAnnotation.Ignore, ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Gives the resource an icon on the dashboard.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="iconName">A Fluent UI icon.</param>
    /// <param name="iconVariant">What it looks like.</param>
    public static IResourceBuilder<T> WithIconName<T>(this IResourceBuilder<T> builder, string iconName, IconVariant iconVariant = IconVariant.Filled)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceIconAnnotation(iconName, iconVariant), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Shows the resource below another on the dashboard.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="parent">The other.</param>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResource parent)
        where T : IResource => builder.WithRelationship(parent, KnownRelationshipTypes.Parent);

    /// <summary>Shows the resource below another on the dashboard.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="parent">The other.</param>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithParentRelationship(parent.Resource);
    }

    /// <summary>Shows on the dashboard that the resource uses another.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="resource">The other.</param>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource => builder.WithRelationship(resource, KnownRelationshipTypes.Reference);

    /// <summary>Shows on the dashboard that the resource uses another.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="resourceBuilder">The other.</param>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resourceBuilder);
        return builder.WithReferenceRelationship(resourceBuilder.Resource);
    }

    /// <summary>Shows a tie to another resource on the dashboard.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="resource">The other.</param>
    /// <param name="type">What the other is to this one.</param>
    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(resource);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));
    }

    private static IResourceBuilder<T> Wait<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitType type, WaitBehavior? behavior = null, int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dependency);
        if ((IResource)builder.Resource == dependency.Resource)
        {
            throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' can't wait for itself.");
        }

        // What lives in another can't be there before the other.
        if (type != WaitType.WaitForCompletion && dependency.Resource is IResourceWithParent child && child.Parent != (IResource)builder.Resource)
        {
            builder.WithAnnotation(new WaitAnnotation(child.Parent, type, exitCode) { WaitBehavior = behavior });
        }

        return builder.WithAnnotation(new WaitAnnotation(dependency.Resource, type, exitCode) { WaitBehavior = behavior });
    }
}
