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

    /// <summary>Says with which exit codes a process has done its work; with any other it died, and is started again.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="exitCodes">The codes; without this, 0 alone.</param>
    public static IResourceBuilder<T> WithFinalExitCodes<T>(this IResourceBuilder<T> builder, params int[] exitCodes)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new FinalExitCodesAnnotation(exitCodes));
    }
}

/// <summary>What <see cref="RestartBuilderExtensions.WithFinalExitCodes"/> was told.</summary>
internal sealed record FinalExitCodesAnnotation(int[] ExitCodes) : IResourceAnnotation;
