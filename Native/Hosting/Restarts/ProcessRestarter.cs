using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Native.Hosting;

/// <summary>
/// Starts again what died unasked, which Aspire itself does not: every project and executable that ended with a code other than 0,
/// or than those it may end with.
/// What a person stopped stays stopped. The wait doubles from half a second to half a minute, and begins anew after a minute of life.
/// </summary>
internal sealed class ProcessRestarter(
    ResourceNotificationService notifications, ResourceCommandService commands, IHostApplicationLifetime lifetime,
    ILogger<ProcessRestarter> logger, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Life> _lives = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Stopping the application stops its processes too: that begins before this service is told.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping.Token))
            {
                if (change.Resource is (ProjectResource or ExecutableResource))
                {
                    Follow(change, stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application ends.
        }
    }

    private void Follow(ResourceEvent change, CancellationToken stopping)
    {
        var life = _lives.GetOrAdd(change.ResourceId, _ => new Life());
        var (before, now) = (life.State, change.Snapshot.State?.Text);
        life.State = now;
        if (now == before)
        {
            return;
        }

        if (now == KnownResourceStates.Running)
        {
            life.RunningSince = time.GetTimestamp();
        }

        var died = now is not null && KnownResourceStates.TerminalStates.Contains(now) && !IsFinal(change);
        if (died && before != KnownResourceStates.Stopping && !life.Restarting)
        {
            life.Restarting = true;
            _ = RestartAsync(change, life, stopping);
        }
    }

    private static bool IsFinal(ResourceEvent end) => end.Snapshot.ExitCode is { } exitCode
        && (end.Resource.Annotations.OfType<FinalExitCodesAnnotation>().LastOrDefault()?.ExitCodes ?? [0]).Contains(exitCode);

    private async Task RestartAsync(ResourceEvent death, Life life, CancellationToken stopping)
    {
        try
        {
            if (life.RunningSince is { } since && time.GetElapsedTime(since) > Recovered)
            {
                life.NextWait = FirstWait;
            }

            var wait = life.NextWait;
            life.NextWait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            life.RunningSince = null;

            // Ctrl+C reaches the processes as soon as the AppHost: the wait also gives it time to say that it ends.
            Log.Restarting(logger, death.ResourceId, death.Snapshot.State!.Text, death.Snapshot.ExitCode, wait.TotalSeconds);
            await Task.Delay(wait, time, stopping);
            life.Restarting = false;
            var result = await commands.ExecuteCommandAsync(death.ResourceId, KnownResourceCommands.StartCommand, stopping);
            if (!result.Success && !stopping.IsCancellationRequested)
            {
                Log.NotRestarted(logger, death.ResourceId, result.Message);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application ends.
        }
    }

    /// <summary>What is remembered of one process.</summary>
    private sealed class Life
    {
        public string? State { get; set; }

        public long? RunningSince { get; set; }

        public TimeSpan NextWait { get; set; } = FirstWait;

        public bool Restarting { get; set; }
    }
}
