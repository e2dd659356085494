using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using Ingest.Worker.Merge;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ingest.Worker.Consume;

/// <summary>
/// Brings batches into the database, one after another. A batch is kept until it is there: a database that is away is waited for, a conflict with another worker
/// is repeated, and where the database refuses the data the batch is halved until only the message that it refuses is left, which becomes a dead letter.
/// </summary>
internal sealed partial class BatchWriter(
    NpgsqlDataSource database, IOptions<IngestOptions> options, TimeProvider time, ILogger<BatchWriter> logger)
{
    private const int MostConflicts = 10;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private readonly Dimensions _dimensions = new();

    /// <summary>Writes batches until there are no more.</summary>
    /// <param name="batches">The batches in their order.</param>
    /// <param name="committed">Is told each message list that is in the database.</param>
    /// <param name="cancellationToken">Leaves the batch in hand unwritten.</param>
    public async Task RunAsync(ChannelReader<Batch> batches, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.ReadAllAsync(cancellationToken))
        {
            await WriteAsync(batch, committed, cancellationToken);
        }
    }

    private async Task WriteAsync(Batch batch, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        var (topic, group) = (options.Value.Topic, options.Value.Group);
        using var activity = Telemetry.Activities.StartActivity(
            ActivityKind.Consumer,
            batch.Origins.Parent,
            [
                new("messaging.system", "kafka"),
                new("messaging.operation.name", "process"),
                new("messaging.operation.type", "process"),
                new("messaging.destination.name", topic),
                new("messaging.consumer.group.name", group),
                new("messaging.batch.message_count", batch.Messages.Count),
            ],
            batch.Origins.Links,
            name: $"process {topic}");
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

    private async Task WriteAsync(IReadOnlyList<IncomingMessage> batch, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        for (var conflicts = 0; ;)
        {
            List<IncomingMessage> messages = [.. batch.Where(message => !message.Claim.IsGivenUp)];
            if (messages.Count == 0)
            {
                return;
            }

            try
            {
                var started = time.GetTimestamp();
                var result = await new BatchMerge(database, _dimensions).RunAsync(messages, cancellationToken);
                IngestMetrics.Committed(options.Value.Topic, options.Value.Group, messages.Count, result, time.GetElapsedTime(started));
                committed(messages);
                return;
            }
            catch (FencedException fenced)
            {
                foreach (var claim in fenced.Claims)
                {
                    claim.GiveUp();
                    Fenced(claim.Topic, claim.Partition, claim.Epoch);
                }

                continue;
            }
            catch (PostgresException conflict) when (IsConflict(conflict) && conflicts < MostConflicts)
            {
                conflicts++;
                _dimensions.Forget();
                Repeats(conflict.SqlState, conflict.MessageText);
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 20 * conflicts)), time, cancellationToken);
            }
            catch (Exception refused) when (IsRefused(refused) && (messages.Count > 1 || messages[0].Event is not null))
            {
                _dimensions.Forget();
                batch = await IsolateAsync(messages, refused, committed, cancellationToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                _dimensions.Forget();
                Waits(failed.Message, pause.TotalSeconds, messages.Count);
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    /// <summary>Writes one half, and leaves the other; a single message is left as a dead letter.</summary>
    private async Task<IReadOnlyList<IncomingMessage>> IsolateAsync(
        List<IncomingMessage> messages, Exception refused, Action<IReadOnlyList<IncomingMessage>> committed, CancellationToken cancellationToken)
    {
        if (messages is [var one])
        {
            var reason = $"The database refuses the event: {(refused as PostgresException)?.MessageText ?? refused.Message}";
            Refuses(one.Claim.Topic, one.Claim.Partition, one.Offset, reason);
            return [one with { Event = null, Reason = reason }];
        }

        var half = messages.Count / 2;
        await WriteAsync(messages[..half], committed, cancellationToken);
        return messages[half..];
    }

    /// <summary>Another worker wrote the same rows at the same time: deadlock, serialization failure, unique violation.</summary>
    private static bool IsConflict(PostgresException exception) => exception.SqlState
        is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;

    /// <summary>
    /// The fault is in the data: PostgreSQL's classes 22 (data exception), 23 (integrity) and 54 (a limit of the program), or a value that can't be sent at all.
    /// Everything else (connection, shutdown, disk, rights, a missing table) is the database's own state and passes.
    /// </summary>
    private static bool IsRefused(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState[..2] is "22" or "23" or "54",
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => false,
        _ => exception is ArgumentException or OverflowException or InvalidCastException or FormatException,
    };

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "Partition {Partition} of {Topic} belongs to another worker now (epoch {Epoch} is over): given up, nothing of it was written.")]
    private partial void Fenced(string topic, int partition, long epoch);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Another worker wrote the same rows ({SqlState} {Reason}): the batch is repeated.")]
    private partial void Repeats(string sqlState, string reason);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "The database does not take the batch ({Reason}): its {Messages} messages are kept, the next attempt is in {Seconds} s.")]
    private partial void Waits(string reason, double seconds, int messages);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning, Message = "Offset {Offset} of partition {Partition} of {Topic} becomes a dead letter. {Reason}")]
    private partial void Refuses(string topic, int partition, long offset, string reason);
}
