using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Checks the health of every resource that runs: often until it is healthy, seldom after. The first time after a start it raises <see cref="ResourceReadyEvent"/>.</summary>
internal sealed class HealthMonitor(
    ResourceNotificationService notifications,
    HealthCheckService checks,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time,
    ILogger<HealthMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan HealthyInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<IResource, CancellationTokenSource> _watched = [];

    // As far as this loop has read: the current states may be those of a later run.
    private readonly Dictionary<string, string?> _states = new(StringComparer.OrdinalIgnoreCase);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
            {
                var resource = change.Resource;
                var state = _states[change.ResourceId] = change.Snapshot.State?.Text;
                if (state == KnownResourceStates.Running && change.Snapshot.ResourceReadyEvent is null && !_watched.ContainsKey(resource))
                {
                    var watch = _watched[resource] = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    _ = WatchAsync(resource, watch.Token);
                }
                else if (state != KnownResourceStates.Running && _watched.TryGetValue(resource, out var watch) && !AnyRuns(resource))
                {
                    _watched.Remove(resource);
                    await watch.CancelAsync().ConfigureAwait(false);
                    watch.Dispose();
                }
                else if (state == KnownResourceStates.Running && change.Snapshot.ResourceReadyEvent is null && AnotherIsReady(change) is { } ready)
                {
                    // A replica that starts beside healthy ones shares their endpoint and so their health.
                    await notifications.PublishUpdateAsync(resource, change.ResourceId, snapshot => snapshot with { ResourceReadyEvent = ready.ResourceReadyEvent, HealthReports = ready.HealthReports }).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private bool AnyRuns(IResource resource) => resource.InstanceIds().Any(id => _states.GetValueOrDefault(id) == KnownResourceStates.Running);

    private CustomResourceSnapshot? AnotherIsReady(ResourceEvent change) => change.Resource.InstanceIds()
        .Select(id => notifications.TryGetCurrentState(id, out var current) ? current.Snapshot : null)
        .FirstOrDefault(snapshot => snapshot?.State?.Text == KnownResourceStates.Running && snapshot.ResourceReadyEvent is not null);

    private async Task WatchAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet(StringComparer.Ordinal);
            if (keys.Count == 0)
            {
                await RaiseReadyAsync(resource, cancellationToken).ConfigureAwait(false);
                return;
            }

            var ready = false;
            var interval = FirstInterval;
            while (true)
            {
                var reports = await CheckAsync(keys, cancellationToken).ConfigureAwait(false);
                await PublishAsync(resource, snapshot => snapshot with { HealthReports = reports }, cancellationToken).ConfigureAwait(false);
                var healthy = reports.All(report => report.Status == HealthStatus.Healthy);
                if (healthy && !ready)
                {
                    ready = true;
                    _ = RaiseReadyAsync(resource, cancellationToken);
                }

                await Task.Delay(healthy ? HealthyInterval : interval, time, cancellationToken).ConfigureAwait(false);
                interval = healthy ? FirstInterval : TimeSpan.FromTicks(Math.Min(interval.Ticks * 5 / 4, LongestInterval.Ticks));
            }
        }
        catch (OperationCanceledException)
        {
            // The resource, or the application, stopped.
        }
    }

    private async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        HealthReport report;
        try
        {
            report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return [.. keys.Select(key => new HealthReportSnapshot(key, HealthStatus.Unhealthy, "The check could not be made.", exception.ToString()))];
        }

        var now = time.GetUtcNow().UtcDateTime;
        return
        [
            .. keys.Order(StringComparer.Ordinal).Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description ?? entry.Exception?.Message, entry.Exception?.ToString()) { LastRunAt = now }
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"No health check is registered under '{key}'.", null) { LastRunAt = now }),
        ];
    }

    private async Task RaiseReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        var handlers = Task.Run(() => eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken), cancellationToken);
        await handlers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (handlers.IsFaulted)
        {
            Log.HandlersFailed(logger, resource.Name, handlers.Exception.InnerException!.Message);
        }

        await PublishAsync(resource, snapshot => snapshot with { ResourceReadyEvent = new EventSnapshot(handlers) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes those replicas that still run, unless the watched run is over.</summary>
    private Task PublishAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> change, CancellationToken cancellationToken) =>
        notifications.PublishUpdateAsync(resource, snapshot => snapshot.State?.Text == KnownResourceStates.Running && !cancellationToken.IsCancellationRequested ? change(snapshot) : snapshot);
}
