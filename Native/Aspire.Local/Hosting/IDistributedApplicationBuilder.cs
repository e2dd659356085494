using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application while it is being described.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The application's configuration: <c>appsettings.json</c> of the AppHost, environment, command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The folder of the AppHost's project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The AppHost's assembly.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>The surroundings: Development, unless configuration says otherwise.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The AppHost's own services, such as health checks.</summary>
    IServiceCollection Services { get; }

    /// <summary>Where events are published and handled.</summary>
    IDistributedApplicationEventing Eventing { get; }

    /// <summary>The kind of run.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <exception cref="DistributedApplicationException">There is one of that name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>Goes on describing a resource.</summary>
    /// <param name="resource">The resource.</param>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    /// <summary>Ends the description.</summary>
    DistributedApplication Build();
}

/// <summary>Finds resources in the description.</summary>
public static class DistributedApplicationBuilderExtensions
{
    /// <summary>Goes on describing a resource.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <exception cref="InvalidOperationException">There is none of that name, or it is of another type.</exception>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resources.FirstOrDefault(resource => ResourceName.Same(resource.Name, name)) switch
        {
            T resource => builder.CreateResourceBuilder(resource),
            null => throw new InvalidOperationException($"There is no resource '{name}'."),
            var other => throw new InvalidOperationException($"The resource '{name}' is of the type {other.GetType().Name}, not {typeof(T).Name}."),
        };
    }
}
