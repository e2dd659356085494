using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Native.Hosting;

/// <summary>Stops what uses a server before the server.</summary>
public static class OrderlyStopExtensions
{
    /// <summary>
    /// Stops the resources when the application ends, one group after another and those of a group together; the rest, and what has not ended
    /// after <see cref="OrderlyStop.Patience"/>, is the orchestrator's to end.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="groups">The resources, those that are to stop first at the front.</param>
    public static IDistributedApplicationBuilder StopInOrder(this IDistributedApplicationBuilder builder, params IEnumerable<IResource>[] groups)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<OrderlyStop>(services, new StopOrder(groups)));
        return builder;
    }
}

/// <summary>The groups of <see cref="OrderlyStopExtensions.StopInOrder"/>.</summary>
internal sealed record StopOrder(IEnumerable<IResource>[] Groups);

/// <summary>Has Aspire stop the resources in their order before the orchestrator, which knows none, ends.</summary>
internal sealed class OrderlyStop(StopOrder order, ResourceCommandService commands, ILogger<OrderlyStop> logger) : IHostedLifecycleService
{
    /// <summary>How long the whole may take: an orchestrator that does not answer must not keep the application.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            foreach (var group in order.Groups)
            {
                // What has ended already can't be stopped, and says so in a result that nobody needs.
                var stops = group.Select(resource => commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, patience.Token));
                await Task.WhenAll(stops).WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StillRunning(logger, Patience.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
