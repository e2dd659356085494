using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>
/// Workers that froze (SIGSTOP, a suspended machine) in the middle of a transaction: its locks would hold up all others for as long as they sleep.
/// Who waits for such a lock ends the session that has it; nothing is lost, since its transaction was not committed.
/// </summary>
internal sealed partial class FrozenPeers(NpgsqlDataSource database, TimeProvider time, ILogger<FrozenPeers> logger)
{
    /// <summary>After as long a silence the consumer group gives a worker's partitions to others, and nobody waits for its locks any more.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Check = TimeSpan.FromSeconds(2);

    /// <summary>Does some work in the database; while it takes long, ends the sessions of frozen workers that it or another worker waits for.</summary>
    public async Task<T> EndWhileAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var working = work();
        while (!working.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await ((Task)working).WaitAsync(Check, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!working.IsCompleted)
            {
                await EndAsync(cancellationToken);
            }
        }

        return await working;
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A session with state active that waits for its client is in the middle of a COPY.
            await using var end = database.CreateCommand(
                """
                select pid, pg_terminate_backend(pid)
                from pg_stat_activity as frozen
                where datname = current_database() and application_name = current_setting('application_name')
                  and state in ('active', 'idle in transaction') and wait_event_type = 'Client'
                  and greatest(state_change, query_start) < clock_timestamp() - $1
                  and exists (
                    select from pg_stat_activity as waiting
                    where waiting.application_name = frozen.application_name and frozen.pid = any(pg_blocking_pids(waiting.pid)))
                """);
            end.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Silence });
            await using var reader = await end.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                LogEnded(reader.GetInt32(0));
            }
        }
        catch (Exception failed) when (failed is NpgsqlException or OperationCanceledException)
        {
            // The work itself tells what is the matter with the database.
        }
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning,
        Message = "A worker that has not moved for a while held up the others: its session {ProcessId} in PostgreSQL was ended.")]
    private partial void LogEnded(int processId);
}
