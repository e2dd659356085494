using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Native.Hosting;

/// <summary>Has processes that died started again.</summary>
public static class RestartBuilderExtensions
{
    /// <summary>Starts every project and executable again that ends unasked with an exit code other than 0.</summary>
    /// <param name="builder">The application.</param>
    public static IDistributedApplicationBuilder RestartWhatDies(this IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<ProcessRestarter>();
        return builder;
    }

    /// <summary>Says that a process does its work once, so that it is left alone however it ended.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> RunsOnce<T>(this IResourceBuilder<T> builder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new RunsOnceAnnotation());
    }
}

/// <summary>Marks what <see cref="RestartBuilderExtensions.RunsOnce"/> was said of.</summary>
internal sealed class RunsOnceAnnotation : IResourceAnnotation;
