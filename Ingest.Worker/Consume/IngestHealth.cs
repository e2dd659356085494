using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ingest.Worker.Consume;

/// <summary>Whether the reading thread moves, and whether the group has given it a part.</summary>
internal sealed class IngestHealth(TimeProvider time)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);
    private long _beat = time.GetTimestamp();
    private volatile bool _hasJoined;
    private volatile string? _waitsFor;

    public void Beat() => Interlocked.Exchange(ref _beat, time.GetTimestamp());

    public void Joined() => _hasJoined = true;

    /// <summary>The database does not take a batch, for a reason that passes.</summary>
    public void WaitsForDatabase(string reason) => _waitsFor = reason;

    /// <summary>The database has taken a batch.</summary>
    public void Written() => _waitsFor = null;

    /// <summary>Unhealthy when the worker needs a restart.</summary>
    public HealthCheckResult Alive()
    {
        var silence = time.GetElapsedTime(Interlocked.Read(ref _beat));
        return silence < LongestSilence
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"The reading thread has not moved for {silence.TotalSeconds:0} s.");
    }

    /// <summary>Unhealthy until the group has assigned partitions, be it none because other workers have them; degraded while the database is away.</summary>
    public HealthCheckResult Ready() =>
        !_hasJoined ? HealthCheckResult.Unhealthy("The consumer group has not assigned partitions to this worker yet.")
        : _waitsFor is { } reason ? HealthCheckResult.Degraded($"The database does not take what was read: {reason}")
        : HealthCheckResult.Healthy();
}

/// <summary>Whether the worker needs no restart.</summary>
internal sealed class ReaderAlive(IngestHealth health) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.Alive());
}

/// <summary>Whether the worker has its part of the topic.</summary>
internal sealed class ReaderReady(IngestHealth health) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.Ready());
}
