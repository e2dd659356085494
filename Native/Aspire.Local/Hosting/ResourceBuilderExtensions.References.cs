using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the resource another's connection string as <c>ConnectionStrings__{name}</c>, and its parts as <c>{NAME}_{PART}</c>.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The one whose connection string it is.</param>
    /// <param name="connectionName">The name in the variable; the other's name if none.</param>
    /// <param name="optional">Whether the other may have none.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        connectionName ??= resource.Name;
        builder.WithReferenceRelationship(resource);
        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}"] = new ConnectionStringReference(resource, optional);
            var prefix = connectionName.Length == 0 ? "" : $"{VariableName(connectionName)}_";
            foreach (var (name, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{prefix}{name.ToUpperInvariant()}"] = value;
            }

            foreach (var property in resource.Annotations.OfType<ConnectionPropertyAnnotation>())
            {
                context.EnvironmentVariables[$"{prefix}{property.Name.ToUpperInvariant()}"] = property.Value;
            }
        });
    }

    /// <summary>Gives the resource another's addresses as <c>services__{name}__{scheme}__{n}</c>, which service discovery reads, and as <c>{NAME}_{ENDPOINT}</c>.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The one whose addresses they are.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.WithReference(source, source.Resource.Name);
    }

    /// <summary>Gives the resource another's addresses under a name.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The one whose addresses they are.</param>
    /// <param name="name">The name in the variables.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        builder.WithReferenceRelationship(source.Resource);
        return builder.WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.GetEndpoints())
            {
                AddService(context, name, endpoint);
            }
        });
    }

    /// <summary>Gives the resource one address of another.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointReference">The address.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointReference);
        builder.WithReferenceRelationship(endpointReference.Resource);
        return builder.WithEnvironment(context => AddService(context, endpointReference.Resource.Name, endpointReference));
    }

    /// <summary>Gives the resource an address from outside the application.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name in the variable.</param>
    /// <param name="uri">The address; absolute, with the path <c>/</c>.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (!uri.IsAbsoluteUri || uri.AbsolutePath != "/")
        {
            throw new InvalidOperationException($"The address '{uri}' of '{name}' must be absolute and have no path.");
        }

        return builder.WithEnvironment(context => context.EnvironmentVariables[$"services__{name}__default__0"] = uri.ToString());
    }

    /// <summary>Adds a part to a resource's connection; those who refer to it get it as <c>{RESOURCE}_{PART}</c>.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The part's name.</param>
    /// <param name="value">Its value.</param>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithConnectionString
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ConnectionPropertyAnnotation(name, value));
    }

    private static void AddService(EnvironmentCallbackContext context, string name, EndpointReference endpoint)
    {
        context.EnvironmentVariables[$"{VariableName(name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
        for (var index = 0; ; index++)
        {
            if (context.EnvironmentVariables.TryAdd($"services__{name}__{endpoint.Scheme}__{index}", endpoint))
            {
                return;
            }
        }
    }

    private static string VariableName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
