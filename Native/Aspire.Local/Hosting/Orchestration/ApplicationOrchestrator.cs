using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Runs the application: starts its resources, each when what it waits for is there, and stops them, users first.</summary>
internal sealed class ApplicationOrchestrator : IHostedService, IAsyncDisposable
{
    // Everything is gone within 5 s; the rest of it is for ending what did not end by itself.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StartsEnd = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CommandGrace = TimeSpan.FromSeconds(5);

    private readonly DistributedApplicationModel _model;
    private readonly IDistributedApplicationEventing _eventing;
    private readonly DistributedApplicationExecutionContext _executionContext;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;
    private readonly ILogger<ApplicationOrchestrator> _logger;
    private readonly TimeProvider _time;
    private readonly ProjectCommands _commands;
    private readonly DashboardHost _dashboard;
    private readonly IHostEnvironment _surroundings;
    private readonly EndpointAllocator _endpoints;
    private readonly Lazy<Reaper> _reaper = new(() => new Reaper());
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private readonly Dictionary<string, ProcessInstance> _instances = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IResource, SemaphoreSlim> _gates = [];
    private Task _starting = Task.CompletedTask;
    private Task? _stopped;
    private bool _disposed;

    public ApplicationOrchestrator(
        DistributedApplicationModel model,
        IDistributedApplicationEventing eventing,
        DistributedApplicationExecutionContext executionContext,
        ResourceNotificationService notifications,
        ResourceLoggerService loggers,
        IServiceProvider services,
        IConfiguration configuration,
        IHostEnvironment surroundings,
        ProjectCommands commands,
        DashboardHost dashboard,
        TimeProvider time,
        ILogger<ApplicationOrchestrator> logger)
    {
        _model = model;
        _eventing = eventing;
        _executionContext = executionContext;
        _notifications = notifications;
        _loggers = loggers;
        _services = services;
        _surroundings = surroundings;
        _commands = commands;
        _dashboard = dashboard;
        _time = time;
        _logger = logger;
        _stop = _stopping.Token;
        _endpoints = new EndpointAllocator(configuration.GetValue("DcpPublisher:RandomizePorts", false));
        eventing.Subscribe<ResourceEndpointsAllocatedEvent>(PublishUrlsAsync);
        eventing.Subscribe<BeforeResourceStartedEvent>(WaitForDependenciesAsync);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _eventing.PublishAsync(new BeforeStartEvent(_services, _model), cancellationToken).ConfigureAwait(false);
        if (_model.Resources.OfType<ContainerResource>().FirstOrDefault() is { } container)
        {
            throw new DistributedApplicationException($"The resource '{container.Name}' is a container, and Aspire.Local runs none: use a package feed that has Aspire, or run without containers (--infrastructure native|external).");
        }

        var processes = _model.Resources.Where(IsProcess).ToList();
        foreach (var resource in processes)
        {
            resource.Annotations.Add(new ResourceInstancesAnnotation([.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz0123456789", 8)}")]));
            LifecycleCommands.Add(resource, this);
        }

        await _dashboard.StartAsync(_reaper, cancellationToken).ConfigureAwait(false);
        var environments = new ProcessEnvironment(_executionContext, _surroundings, _dashboard.Otlp);
        var startable = new List<IResource>();
        foreach (var resource in _model.Resources.ToList())
        {
            await _notifications.PublishUpdateAsync(resource, snapshot => IsProcess(resource) ? InitialState(resource, snapshot) : snapshot).ConfigureAwait(false);
        }

        foreach (var resource in processes)
        {
            if (await TryPrepareAsync(resource, environments, cancellationToken).ConfigureAwait(false))
            {
                startable.Add(resource);
            }
        }

        foreach (var resource in _model.Resources.ToList())
        {
            _ = Task.Run(() => InitializeAsync(resource), CancellationToken.None);
        }

        _starting = StartAllAsync(startable.Where(resource => !resource.HasAnnotationOfType<ExplicitStartupAnnotation>()).ToList());
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gates)
        {
            return _stopped ??= Task.Run(() => StopAllAsync(cancellationToken), CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
        if (_reaper.IsValueCreated)
        {
            _reaper.Value.Dispose();
        }

        _stopping.Dispose();
    }

    /// <summary>Starts a replica that does not run; one that waits stops waiting and starts.</summary>
    public async Task StartResourceAsync(string instanceId, CancellationToken cancellationToken)
    {
        var instance = Find(instanceId);
        var waited = false;
        await instance.PublishAsync(snapshot =>
        {
            waited = snapshot.State?.Text == KnownResourceStates.Waiting;
            return waited ? snapshot with { State = KnownResourceStates.Starting } : snapshot;
        }).ConfigureAwait(false);
        if (!waited)
        {
            await StartAsync(instance.Resource, [instance], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops a replica.</summary>
    public Task StopResourceAsync(string instanceId, CancellationToken cancellationToken) => Find(instanceId).StopAsync(CommandGrace).WaitAsync(cancellationToken);

    private async Task StopAllAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var begun = _time.GetTimestamp();

        // A handler that does not listen to cancellation holds nothing up.
        await Task.WhenAny(_starting, Task.Delay(StartsEnd, _time, CancellationToken.None)).ConfigureAwait(false);
        var groups = new StopOrder(_model.Resources).Groups();
        for (var i = 0; i < groups.Count; i++)
        {
            var running = groups[i].SelectMany(resource => resource.InstanceIds()).Select(id => _instances.GetValueOrDefault(id)).Where(instance => instance is { IsRunning: true }).ToList();
            if (running.Count > 0)
            {
                // What is left of the time is shared by the groups that are still to be stopped.
                var left = StopTime - _time.GetElapsedTime(begun);
                var stillRunning = groups.Skip(i).Count(group => group.SelectMany(resource => resource.InstanceIds()).Any(id => _instances.GetValueOrDefault(id) is { IsRunning: true }));
                var grace = cancellationToken.IsCancellationRequested || left <= TimeSpan.Zero ? TimeSpan.Zero : left / stillRunning;
                await Task.WhenAll(running.Select(instance => instance!.StopAsync(grace))).ConfigureAwait(false);
            }
        }

        // What was being started while the others stopped.
        await Task.WhenAll(_instances.Values.Select(instance => instance.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
        await _dashboard.StopAsync().ConfigureAwait(false);
    }

    private static bool IsProcess(IResource resource) => resource is ExecutableResource or ProjectResource;

    private static CustomResourceSnapshot InitialState(IResource resource, CustomResourceSnapshot snapshot) => snapshot with
    {
        ResourceType = resource.HasAnnotationOfType<ResourceSnapshotAnnotation>() ? snapshot.ResourceType : resource is ProjectResource ? "Project" : "Executable",
        State = resource.HasAnnotationOfType<ExplicitStartupAnnotation>() ? KnownResourceStates.NotStarted : snapshot.State ?? KnownResourceStates.Starting,
    };

    private ProcessInstance Find(string instanceId) => _instances.TryGetValue(instanceId, out var instance)
        ? instance
        : throw new DistributedApplicationException($"There is no process '{instanceId}'.");

    private async Task<bool> TryPrepareAsync(IResource resource, ProcessEnvironment environments, CancellationToken cancellationToken)
    {
        _gates[resource] = new SemaphoreSlim(1);
        var ids = resource.InstanceIds();
        IReadOnlyList<IReadOnlyDictionary<string, int>> targetPorts;
        try
        {
            targetPorts = _endpoints.Allocate(resource);
        }
        catch (DistributedApplicationException exception)
        {
            Log.FailedToStart(_loggers.GetLogger(resource), exception.Message);
            Log.FailedToStart(_logger, exception.Message);
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => !endpoint.Allocation.IsValueSet))
            {
                endpoint.Allocation.SetException(exception);
            }

            await _notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error) }).ConfigureAwait(false);
            return false;
        }

        for (var i = 0; i < ids.Count; i++)
        {
            _instances[ids[i]] = new ProcessInstance(resource, ids[i], targetPorts[i], environments, _commands.Of, _reaper.Value, _notifications, _loggers, _time) { Ended = StoppedAsync };
        }

        if (resource.HasAnnotationOfType<EndpointAnnotation>())
        {
            await _eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, _services), EventDispatchBehavior.BlockingSequential, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await PublishUrlsAsync(resource, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Lets a resource begin its life; nobody waits for it.</summary>
    private async Task InitializeAsync(IResource resource)
    {
        try
        {
            await _eventing.PublishAsync(new InitializeResourceEvent(resource, _eventing, _loggers, _notifications, _services), EventDispatchBehavior.BlockingConcurrent, _stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            Log.HandlersFailed(_loggers.GetLogger(resource), resource.Name, exception.Message);
            Log.HandlersFailed(_logger, resource.Name, exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private async Task StartAllAsync(List<IResource> resources)
    {
        await Task.WhenAll(resources.Select(resource => Task.Run(() => StartAsync(resource, [.. resource.InstanceIds().Select(Find)], _stop)))).ConfigureAwait(false);
        await _eventing.PublishAsync(new AfterResourcesCreatedEvent(_services, _model), _stop).ConfigureAwait(false);
    }

    /// <summary>Tells those who want to know, waits for what must come first, and starts.</summary>
    private async Task StartAsync(IResource resource, IReadOnlyList<ProcessInstance> instances, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop);
        var gate = _gates[resource];
        await gate.WaitAsync(stop.Token).ConfigureAwait(false);
        try
        {
            var idle = instances.Where(instance => !instance.IsRunning).ToList();
            if (idle.Count == 0)
            {
                return;
            }

            foreach (var instance in idle)
            {
                // What the last run's health was says nothing about the next.
                await instance.PublishAsync(snapshot => snapshot with
                {
                    State = KnownResourceStates.Starting,
                    ResourceReadyEvent = null,
                    HealthReports = [.. snapshot.HealthReports.Select(report => new HealthReportSnapshot(report.Name, null, null, null))],
                }).ConfigureAwait(false);
            }

            try
            {
                await PublishConnectionStringAvailableAsync(resource, stop.Token).ConfigureAwait(false);
                await _eventing.PublishAsync(new BeforeResourceStartedEvent(resource, _services), stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                await Task.WhenAll(idle.Select(instance => instance.FailAsync(exception.Message))).ConfigureAwait(false);
                return;
            }

            await Task.WhenAll(idle.Select(async instance =>
            {
                try
                {
                    await instance.StartAsync(stop.Token).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    await instance.FailAsync(exception.Message).ConfigureAwait(false);
                }
            })).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The resource's own connection string, and those of what lives in it.</summary>
    private async Task PublishConnectionStringAvailableAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithConnectionString)
        {
            await _eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, _services), cancellationToken).ConfigureAwait(false);
        }

        foreach (var child in ChildrenOf(resource).Where(child => child is IResourceWithConnectionString))
        {
            await PublishConnectionStringAvailableAsync(child, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StoppedAsync(ProcessInstance instance)
    {
        if (!_notifications.TryGetCurrentState(instance.Id, out var state))
        {
            return;
        }

        foreach (var resource in ChildrenOf(instance.Resource).Prepend(instance.Resource))
        {
            try
            {
                await _eventing.PublishAsync(new ResourceStoppedEvent(resource, _services, state), _stop).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.HandlersFailed(_logger, resource.Name, exception.Message);
            }
        }
    }

    private IEnumerable<IResource> ChildrenOf(IResource resource) =>
        _model.Resources.Where(child => child is IResourceWithParent { Parent: var parent } && parent == resource && !IsProcess(child));

    private Task PublishUrlsAsync(ResourceEndpointsAllocatedEvent @event, CancellationToken cancellationToken) => PublishUrlsAsync(@event.Resource, cancellationToken);

    private async Task PublishUrlsAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            var urls = await ResourceUrls.GatherAsync(resource, _executionContext, cancellationToken).ConfigureAwait(false);
            await _notifications.PublishUpdateAsync(resource, snapshot => snapshot with { Urls = urls }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.LinksFailed(_loggers.GetLogger(resource), resource.Name, exception.Message);
        }
    }

    /// <summary>Holds a resource until what it waits for is there, or until somebody says that it is to start at once.</summary>
    private async Task WaitForDependenciesAsync(BeforeResourceStartedEvent @event, CancellationToken cancellationToken)
    {
        if (!@event.Resource.HasAnnotationOfType<WaitAnnotation>())
        {
            return;
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var dependencies = _notifications.WaitForDependenciesAsync(@event.Resource, done.Token);
        var told = _notifications.WaitForResourceAsync(@event.Resource.Name, change => !_notifications.IsWaiting(change.Resource), done.Token);
        try
        {
            await (await Task.WhenAny(dependencies, told).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
        }
    }
}
