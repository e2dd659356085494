using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using Ingest.Worker.Batches;
using Ingest.Worker.Merge;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Ingest.Worker.Consume;

/// <summary>
/// Brings batches into the database, one after another. A batch is kept until it is there: a database that is away is waited for, a conflict with another
/// worker is repeated, and where the database refuses the data the batch is halved until only the message that it refuses is left, which becomes a dead letter.
/// </summary>
internal sealed partial class BatchWriter
{
    private readonly NpgsqlDataSource _database;
    private readonly EarlierRecords _records;
    private readonly FrozenPeers _frozen;
    private readonly IngestHealth _health;
    private readonly IngestOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<BatchWriter> _logger;
    private readonly Dimensions _dimensions = new();
    private readonly ErasureMarks _marks = new();
    private readonly ResiliencePipeline _retries;

    public BatchWriter(
        NpgsqlDataSource database, EarlierRecords records, FrozenPeers frozen, IngestHealth health, IngestOptions options, TimeProvider time,
        ILogger<BatchWriter> logger)
    {
        (_database, _records, _frozen, _health, _options, _time, _logger) = (database, records, frozen, health, options, time, logger);
        _retries = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddPatience(
                failed => !IsRefused(failed),
                (failed, pause) =>
                {
                    health.WaitsForDatabase(failed.Message);
                    LogWaits(failed.Message, pause.TotalSeconds);
                })
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<PostgresException>(IsConflict),
                Delay = TimeSpan.FromMilliseconds(10),
                BackoffType = DelayBackoffType.Linear,
                UseJitter = true,
                MaxRetryAttempts = 10,
                OnRetry = attempt =>
                {
                    LogRepeats(((PostgresException)attempt.Outcome.Exception!).SqlState, attempt.Outcome.Exception.Message);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Writes batches until there are no more.</summary>
    /// <param name="batches">The batches in their order.</param>
    /// <param name="committed">Is told each message list that is in the database.</param>
    /// <param name="cancellationToken">Leaves the batch in hand unwritten.</param>
    public async Task RunAsync(ChannelReader<Batch> batches, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.ReadAllAsync(cancellationToken))
        {
            using var activity = StartActivity(batch);
            try
            {
                await WriteAsync(batch.Messages, committed, cancellationToken);
            }
            catch (Exception exception)
            {
                activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
                throw;
            }
        }
    }

    private Activity? StartActivity(Batch batch) => Telemetry.Activities.StartActivity(
        ActivityKind.Consumer,
        batch.Origins.Parent,
        [
            new("messaging.system", "kafka"),
            new("messaging.operation.name", "process"),
            new("messaging.operation.type", "process"),
            new("messaging.destination.name", _options.Topic),
            new("messaging.consumer.group.name", _options.Group),
            new("messaging.batch.message_count", batch.Messages.Count),
        ],
        batch.Origins.Links,
        name: $"process {_options.Topic}");

    private async Task WriteAsync(
        IReadOnlyList<IncomingMessage> messages, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        try
        {
            await _retries.ExecuteAsync(async token => await MergeAsync(messages, committed, token), cancellationToken);
        }
        catch (Exception refused) when (IsRefused(refused) && messages is [{ Event: not null } one])
        {
            LogRefused(refused, one.Claim.Topic, one.Claim.Partition, one.Offset);
            await WriteAsync([one with { Event = null, Reason = ReasonOf(refused) }], committed, cancellationToken);
        }
        catch (Exception refused) when (IsRefused(refused) && messages.Count > 1)
        {
            List<IncomingMessage> all = [.. messages];
            await WriteAsync(all[..(all.Count / 2)], committed, cancellationToken);
            await WriteAsync(all[(all.Count / 2)..], committed, cancellationToken);
        }
    }

    /// <summary>Writes those messages whose partitions are still ours.</summary>
    private async Task MergeAsync(IReadOnlyList<IncomingMessage> batch, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        while (batch.Where(message => !message.Claim.IsGivenUp).ToList() is { Count: > 0 } messages)
        {
            try
            {
                var started = _time.GetTimestamp();
                var merge = new BatchMerge(_database, _dimensions, _records, _marks);
                var result = await _frozen.EndWhileAsync(() => merge.RunAsync(messages, cancellationToken), cancellationToken);
                IngestMetrics.Committed(_options.Topic, _options.Group, messages.Count, result, _time.GetElapsedTime(started));
                _health.Written();
                StoredEpochs.Committed(messages);
                committed(messages);
                return;
            }
            catch (FencedException fenced)
            {
                foreach (var (claim, isFree) in fenced.Claims)
                {
                    claim.GiveUp(isFree);
                    if (isFree)
                    {
                        LogRebuilt(claim.Topic, claim.Partition);
                    }
                    else
                    {
                        LogFenced(claim.Topic, claim.Partition, claim.Epoch);
                    }
                }
            }
            catch (Exception)
            {
                // The keys that the transaction made went with it.
                _dimensions.Forget();
                throw;
            }
        }
    }

    /// <summary>Another worker wrote the same rows at the same time: deadlock, serialization failure, unique violation.</summary>
    private static bool IsConflict(PostgresException exception) => exception.SqlState
        is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;

    /// <summary>
    /// The fault is in the data: PostgreSQL's classes 22 (data exception), 23 (integrity) and 54 (a limit of the program), or a value that can't be sent
    /// at all.
    /// Everything else (connection, shutdown, disk, rights, a missing table) is the database's own state and passes.
    /// </summary>
    private static bool IsRefused(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState[..2] is "22" or "23" or "54",
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => false,
        _ => exception is ArgumentException or OverflowException or InvalidCastException or FormatException,
    };

    /// <summary>
    /// A reason for a person: the reader refuses all that is known not to fit, so this is for what nobody thought of, and the log has the rest.
    /// </summary>
    private static string ReasonOf(Exception refused) => refused is PostgresException { SqlState: var state }
        ? $"The tables can't hold a value of the event (PostgreSQL's error {state}; the worker's log has its words)."
        : "The tables can't hold a value of the event (the worker's log says more).";

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning,
        Message = "Partition {Partition} of {Topic} belongs to another worker now (epoch {Epoch} is over): given up, nothing of it was written.")]
    private partial void LogFenced(string topic, int partition, long epoch);

    [LoggerMessage(EventId = 14, Level = LogLevel.Information,
        Message = "The tables were rebuilt: partition {Partition} of {Topic} is claimed anew and goes on from where they are.")]
    private partial void LogRebuilt(string topic, int partition);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Another worker wrote the same rows ({SqlState} {Reason}): the batch is repeated.")]
    private partial void LogRepeats(string sqlState, string reason);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning,
        Message = "The database does not take the batch ({Reason}): its messages are kept, the next attempt is in {Seconds} s.")]
    private partial void LogWaits(string reason, double seconds);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning,
        Message = "Offset {Offset} of partition {Partition} of {Topic} becomes a dead letter, as the database refuses it.")]
    private partial void LogRefused(Exception refused, string topic, int partition, long offset);
}
