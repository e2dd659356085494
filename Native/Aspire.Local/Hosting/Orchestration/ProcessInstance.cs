using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>One replica of a resource that is a process: starts it, watches it, stops it, and publishes how it is.</summary>
internal sealed class ProcessInstance(
    IResource resource,
    string id,
    IReadOnlyDictionary<string, int> targetPorts,
    ProcessEnvironment environments,
    Func<IResource, IReadOnlyList<string>, (string Command, IReadOnlyList<string> Arguments, string WorkingDirectory)> commandOf,
    Reaper reaper,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    TimeProvider time)
{
    private readonly ILogger _logger = loggers.GetLogger(id);
    private ChildProcess? _process;
    private Task _ended = Task.CompletedTask;

    public IResource Resource { get; } = resource;

    public string Id { get; } = id;

    /// <summary>Raised when the process has ended, by itself or because it was stopped.</summary>
    public required Func<ProcessInstance, Task> Ended { get; init; }

    public bool IsRunning => _process is { Exited.IsCompleted: false };

    /// <summary>Starts the process.</summary>
    /// <exception cref="DistributedApplicationException">It can't be started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Starting }).ConfigureAwait(false);
        var input = await environments.GatherAsync(Resource, Id, targetPorts, _logger, cancellationToken).ConfigureAwait(false);
        var (command, arguments, workingDirectory) = commandOf(Resource, input.Arguments);
        cancellationToken.ThrowIfCancellationRequested();

        var console = loggers.StreamOf(Id);
        console.Reopen();
        var process = ChildProcess.Start(new ProcessSpec(command, arguments, workingDirectory, input.Environment), reaper, console.Append);
        _process = process;
        await PublishAsync(snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = time.GetUtcNow().UtcDateTime,
            StopTimeStamp = null,
            ExitCode = null,
            EnvironmentVariables = input.Shown,
            Urls = [.. snapshot.Urls.Select(url => url with { IsInactive = false })],
            Properties = Properties(snapshot.Properties, process, command, arguments, workingDirectory),
        }).ConfigureAwait(false);
        _ended = WatchAsync(process);
        _ = TellAsync(_ended);
    }

    /// <summary>Stops the process: SIGTERM, and SIGKILL when the grace is over.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (_process is not { Exited.IsCompleted: false } process)
        {
            return;
        }

        await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Stopping }).ConfigureAwait(false);
        await process.StopAsync(grace).ConfigureAwait(false);
        await _ended.ConfigureAwait(false);
    }

    public Task FailAsync(string reason)
    {
        Log.FailedToStart(_logger, reason);
        return PublishAsync(snapshot => snapshot with { State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error) });
    }

    public Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => notifications.PublishUpdateAsync(Resource, Id, change);

    private async Task WatchAsync(ChildProcess process)
    {
        var exitCode = await process.Exited.ConfigureAwait(false);
        await PublishAsync(snapshot => snapshot with
        {
            State = KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = time.GetUtcNow().UtcDateTime,
            Urls = [.. snapshot.Urls.Select(url => url with { IsInactive = true })],
        }).ConfigureAwait(false);
        loggers.Complete(Id);
    }

    private async Task TellAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        await Ended(this).ConfigureAwait(false);
    }

    private ImmutableArray<ResourcePropertySnapshot> Properties(
        ImmutableArray<ResourcePropertySnapshot> before,
        ChildProcess process,
        string command,
        IReadOnlyList<string> arguments,
        string workingDirectory)
    {
        ResourcePropertySnapshot[] own =
        [
            new(CustomResourceKnownProperties.Source, Resource is ProjectResource project ? project.GetProjectMetadata().ProjectPath : command),
            new(KnownProperties.ProcessId, process.Id),
            new(KnownProperties.Path, command),
            new(KnownProperties.WorkingDirectory, workingDirectory),
            new(KnownProperties.Arguments, arguments),
        ];
        return [.. before.Where(property => own.All(o => o.Name != property.Name)), .. own];
    }
}
