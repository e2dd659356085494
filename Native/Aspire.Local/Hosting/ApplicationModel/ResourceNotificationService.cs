using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource, or one replica of it, as it has become.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">Its name, or the replica's.</param>
/// <param name="snapshot">How it is.</param>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Its name, or the replica's, such as <c>worker-1a2b3c4d</c>.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it is.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>What waiting does when nothing else is said.</summary>
public sealed class ResourceNotificationServiceOptions
{
    /// <summary>What waiting does when the other can't start.</summary>
    public WaitBehavior DefaultWaitBehavior { get; set; }
}

/// <summary>Where the states of the resources are published, watched and waited for.</summary>
public class ResourceNotificationService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopped = new();
    private readonly IServiceProvider _services;
    private readonly ResourceLoggerService _loggers;
    private readonly DistributedApplicationModel _model;
    private readonly ResourceNotificationServiceOptions _options;
    private readonly TimeProvider _time;
    private ImmutableList<Channel<ResourceEvent>> _watchers = [];

    internal ResourceNotificationService(IServiceProvider services, ResourceLoggerService loggers, DistributedApplicationModel model, ResourceNotificationServiceOptions options, TimeProvider time)
    {
        _services = services;
        _loggers = loggers;
        _model = model;
        _options = options;
        _time = time;
    }

    /// <summary>Changes the state of a resource; of each of its replicas if it has several.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new snapshot of the old; may be called again if another change came between.</param>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var id in resource.InstanceIds())
        {
            Publish(resource, id, stateFactory);
        }

        return Task.CompletedTask;
    }

    /// <summary>Changes the state of one replica.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The replica's name.</param>
    /// <param name="stateFactory">Makes the new snapshot of the old.</param>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    /// <summary>The state of a resource, if it has one yet.</summary>
    /// <param name="resourceId">The resource's name, or the replica's.</param>
    /// <param name="resourceEvent">The state.</param>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
        {
            return _current.TryGetValue(resourceId, out resourceEvent);
        }
    }

    /// <summary>The states of all resources as they are, then every change.</summary>
    /// <param name="cancellationToken">Ends the watching.</param>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Not bounded: changes are few, and a watcher that missed one might wait for ever.
        var changes = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        List<ResourceEvent> now;
        lock (_gate)
        {
            now = [.. _current.Values];
            _watchers = _watchers.Add(changes);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopped.Token);
        try
        {
            foreach (var state in now)
            {
                yield return state;
            }

            await foreach (var change in changes.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers = _watchers.Remove(changes);
            }
        }
    }

    /// <summary>Waits until a resource is in a state.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    /// <param name="targetState">The state; <see cref="KnownResourceStates.Running"/> if none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
        => WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until a resource is in one of several states.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state it is in.</returns>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToArray();
        var found = await WaitForResourceAsync(resourceName, e => states.Contains(e.Snapshot.State?.Text, StringComparer.OrdinalIgnoreCase), cancellationToken).ConfigureAwait(false);
        return found.Snapshot.State!.Text;
    }

    /// <summary>Waits until a resource is as it should be.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    /// <param name="predicate">How it should be.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended, or the application stopped.</exception>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var change in WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if ((ResourceName.Same(change.Resource.Name, resourceName) || ResourceName.Same(change.ResourceId, resourceName)) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"The application stopped before the resource '{resourceName}' was as expected.");
    }

    /// <summary>Waits until a resource runs, is healthy, and its ready handlers are through.</summary>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
        => WaitForResourceHealthyAsync(resourceName, _options.DefaultWaitBehavior, cancellationToken);

    /// <summary>Waits until a resource runs, is healthy, and its ready handlers are through.</summary>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="waitBehavior">Whether the wait fails when the resource can't start or has ended.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DistributedApplicationException">It can't start, or has ended.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var found = await WaitForResourceAsync(
            resourceName,
            e => IsReady(e.Snapshot) || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(e.Snapshot)),
            cancellationToken).ConfigureAwait(false);
        if (!IsReady(found.Snapshot))
        {
            throw new DistributedApplicationException($"The resource '{resourceName}' did not become healthy: its state is {found.Snapshot.State?.Text}.");
        }

        await found.Snapshot.ResourceReadyEvent!.EventTask.WaitAsync(cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>Waits for everything that a resource was told to wait for.</summary>
    /// <param name="resource">The one that waits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DistributedApplicationException">One of the others ended in a way that it should not.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (waits.Count == 0)
        {
            return;
        }

        // A replica that runs goes on while another of the same resource waits to be started again.
        await PublishUpdateAsync(resource, snapshot => snapshot.State?.Text == KnownResourceStates.Running ? snapshot : snapshot with { State = KnownResourceStates.Waiting }).ConfigureAwait(false);
        using var anyFailed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = waits.ConvertAll(wait => WaitForAsync(resource, wait, anyFailed.Token));
        try
        {
            while (pending.Count > 0)
            {
                var done = await Task.WhenAny(pending).ConfigureAwait(false);
                pending.Remove(done);
                await done.ConfigureAwait(false);
            }
        }
        catch
        {
            await anyFailed.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends all watching.</summary>
    public void Dispose()
    {
        _stopped.Cancel();
        GC.SuppressFinalize(this);
    }

    internal IResource? FindResource(string name) => _model.Resources.FirstOrDefault(resource => ResourceName.Same(resource.Name, name));

    internal IReadOnlyList<ResourceEvent> CurrentStates()
    {
        lock (_gate)
        {
            return [.. _current.Values];
        }
    }

    /// <summary>Whether any replica of a resource waits.</summary>
    internal bool IsWaiting(IResource resource) => resource.InstanceIds().Any(id => TryGetCurrentState(id, out var state) && state.Snapshot.State?.Text == KnownResourceStates.Waiting);

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(resource);
        var behavior = wait.WaitBehavior ?? _options.DefaultWaitBehavior;
        Log.WaitingFor(logger, wait.Resource.Name, wait.WaitType);
        await Task.WhenAll(wait.Resource.InstanceIds().Select(id => WaitForInstanceAsync(id, wait, behavior, cancellationToken))).ConfigureAwait(false);
        Log.WaitedFor(logger, wait.Resource.Name);
    }

    private async Task WaitForInstanceAsync(string id, WaitAnnotation wait, WaitBehavior behavior, CancellationToken cancellationToken)
    {
        if (wait.WaitType == WaitType.WaitUntilHealthy)
        {
            await WaitForResourceHealthyAsync(id, behavior, cancellationToken).ConfigureAwait(false);
            return;
        }

        var stop = behavior == WaitBehavior.StopOnResourceUnavailable;
        if (wait.WaitType == WaitType.WaitUntilStarted)
        {
            var started = await WaitForResourceAsync(id, e => e.Snapshot.State?.Text == KnownResourceStates.Running || (stop && IsUnavailable(e.Snapshot)), cancellationToken).ConfigureAwait(false);
            if (started.Snapshot.State?.Text != KnownResourceStates.Running)
            {
                throw new DistributedApplicationException($"The resource '{wait.Resource.Name}' did not start: its state is {started.Snapshot.State?.Text}.");
            }

            return;
        }

        var ended = (await WaitForResourceAsync(id, e => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text), cancellationToken).ConfigureAwait(false)).Snapshot;
        if (ended.State?.Text == KnownResourceStates.FailedToStart)
        {
            throw new DistributedApplicationException($"The resource '{wait.Resource.Name}' could not be started.");
        }

        if (ended.ExitCode is { } exitCode && exitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException($"The resource '{wait.Resource.Name}' ended with exit code {exitCode}, expected was {wait.ExitCode}.");
        }
    }

    private static bool IsReady(CustomResourceSnapshot snapshot) =>
        snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy && snapshot.ResourceReadyEvent is not null;

    private static bool IsUnavailable(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.RuntimeUnhealthy);

    private void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var before = _current.TryGetValue(resourceId, out var known) ? known.Snapshot : FirstSnapshot(resource);
            var after = stateFactory(before);
            after = after with { Commands = Commands(resource, after) };
            var change = new ResourceEvent(resource, resourceId, after);
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(change);
            }
        }
    }

    private CustomResourceSnapshot FirstSnapshot(IResource resource)
    {
        var snapshot = resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation)
            ? annotation.InitialSnapshot
            : new CustomResourceSnapshot
            {
                ResourceType = resource.GetType().Name is var name && name.EndsWith("Resource", StringComparison.Ordinal) ? name[..^"Resource".Length] : name,
                Properties = [],
            };
        var icon = resource.Annotations.OfType<ResourceIconAnnotation>().LastOrDefault();
        return snapshot with
        {
            CreationTimeStamp = snapshot.CreationTimeStamp ?? _time.GetUtcNow().UtcDateTime,
            // A check that has not run yet has not found the resource healthy.
            HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().DistinctBy(check => check.Key).Select(check => new HealthReportSnapshot(check.Key, null, null, null))],
            Relationships = [.. snapshot.Relationships, .. Relationships(resource)],
            IconName = snapshot.IconName ?? icon?.IconName,
            IconVariant = snapshot.IconVariant ?? icon?.IconVariant,
        };
    }

    private static IEnumerable<RelationshipSnapshot> Relationships(IResource resource)
    {
        var ties = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(tie => new RelationshipSnapshot(tie.Resource.Name, tie.Type));
        var waits = resource.Annotations.OfType<WaitAnnotation>().Select(wait => new RelationshipSnapshot(wait.Resource.Name, KnownRelationshipTypes.WaitFor));
        var parent = resource is IResourceWithParent child ? [new RelationshipSnapshot(child.Parent.Name, KnownRelationshipTypes.Parent)] : Enumerable.Empty<RelationshipSnapshot>();
        return ties.Concat(waits).Concat(parent).Distinct();
    }

    private ImmutableArray<ResourceCommandSnapshot> Commands(IResource resource, CustomResourceSnapshot snapshot)
    {
        var context = new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = _services };
        return [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => new ResourceCommandSnapshot(
            command.Name,
            command.UpdateState(context),
            command.DisplayName,
            command.DisplayDescription,
            command.Parameter,
            command.ConfirmationMessage,
            command.IconName,
            command.IconVariant,
            command.IsHighlighted))];
    }
}
