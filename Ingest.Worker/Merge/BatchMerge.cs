using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>What one transaction did.</summary>
internal readonly record struct MergeResult(int Redeliveries, int DeadLetters);

/// <summary>Another worker has claimed partitions of the batch: nothing of it was written.</summary>
internal sealed class FencedException(IReadOnlyList<Claim> claims) : Exception("The partitions belong to another worker now.")
{
    public IReadOnlyList<Claim> Claims { get; } = claims;
}

/// <summary>
/// Writes one batch in one transaction: the place in each partition, rows, rollups and dead letters, all or nothing.
/// What is known of the batch's events and attempts is read and locked first; then the new rows go in by binary COPY, and what changes in shared rows
/// is summed up here and added by one statement for each table.
/// </summary>
internal sealed class BatchMerge(NpgsqlDataSource database, Dimensions dimensions, EarlierRecords records)
{
    /// <param name="messages">At least one; those of one partition in their order and without a gap between them.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <exception cref="FencedException">A partition belongs to another worker.</exception>
    /// <exception cref="NpgsqlException">
    /// The database refused something or went away. The transaction may have been committed in the latter case: repeating it finds that out.
    /// </exception>
    /// <exception cref="KafkaException">An earlier record must be read again, and Kafka does not answer.</exception>
    public async Task<MergeResult> RunAsync(IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await PartitionPlaces.TryAdvanceAsync(connection, messages, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await PartitionPlaces.WasCommittedAsync(connection, messages, cancellationToken)
                ? default
                : throw new FencedException(await PartitionPlaces.FencedAsync(connection, messages, cancellationToken));
        }

        await StoredEpochs.WriteAsync(connection, messages, cancellationToken);
        var events = messages.Where(message => message.Event is not null).ToList();
        var deadLetters = messages.Where(message => message.Event is null && message.Reason is not null).ToList();
        var redeliveries = 0;
        if (events.Count > 0)
        {
            (redeliveries, var contradicting) = await MergeAsync(connection, events, cancellationToken);
            if (contradicting.Count > 0)
            {
                deadLetters.AddRange(contradicting);

                // A log that was cut and ingested again has counted a record twice.
                var letters = contradicting.DistinctBy(message => (message.Claim, message.Offset)).ToDictionary(message => (message.Claim, message.Offset));
                messages = [.. messages.Select(message => letters.GetValueOrDefault((message.Claim, message.Offset), message))];
            }
        }

        if (deadLetters.Count > 0)
        {
            await DeadLetters.WriteAsync(connection, deadLetters, cancellationToken);
        }

        await DeadLetters.MarkAsync(connection, messages, cancellationToken);
        await using (var notify = new NpgsqlCommand($"notify {DatabaseSchema.ChangesChannel}", connection))
        {
            await notify.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return new MergeResult(redeliveries, deadLetters.Count);
    }

    /// <returns>How many of the events had come before, and the messages that are dead letters, as their keen_id is another attempt's.</returns>
    private async Task<(int Redeliveries, List<IncomingMessage> Contradicting)> MergeAsync(
        NpgsqlConnection connection, List<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        List<AttemptEvent> events = [.. messages.Select(message => message.Event!)];
        var changes = new BatchChanges();
        await dimensions.EnsureAsync(connection, events, changes.Keys, cancellationToken);
        var known = await KnownRows.ReadAsync(connection, events, cancellationToken);
        var contradictions = await Contradictions.FindAsync(connection, records, known, events, cancellationToken);
        if (contradictions.TakenBack.Count > 0)
        {
            await dimensions.EnsureAsync(connection, contradictions.EventsReadAgain, changes.Keys, cancellationToken);
            TakeBack(contradictions, known, changes);
        }

        foreach (var message in messages)
        {
            Take(message, contradictions, known, changes);
        }

        Replace(known, changes);
        if (changes.Replaced.Count > 0)
        {
            await changes.ItemRollups.SubtractAsync(connection, changes.Replaced, cancellationToken);
        }

        await NewRows.WriteAsync(connection, changes, cancellationToken);
        await PartitionPlaces.MoveAsync(connection, changes, cancellationToken);
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var command in changes.Rollups.Commands().Concat(changes.ItemRollups.Commands()).Concat(changes.ItemKeys.Commands()))
            {
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        return (changes.Redelivered.Count, changes.Contradicting);
    }

    /// <summary>Takes away what earlier events with another attempt's keen_id had been counted as; their attempts go back, or go.</summary>
    private static void TakeBack(Contradictions contradictions, KnownRows known, BatchChanges changes)
    {
        foreach (var message in contradictions.TakenBack)
        {
            var attempt = message.Event!;
            var isFirst = changes.TakenBack.Add(attempt.KeenId);
            changes.Rollups.AddMessage(AttemptFigures.Of(message, changes.Keys[attempt].Exam), !isFirst, sign: -1);
            changes.Contradicting.Add(message with { Event = null, Reason = contradictions.ReasonAgainst(attempt) });
            known.Events.Remove(attempt.KeenId);
            if (known.Attempts.TryGetValue(attempt.UserExamId, out var stored) && stored.KeenId == attempt.KeenId)
            {
                changes.Rollups.AddAttempt(stored.Figures, -1);
                changes.Replaced.Add(stored.EventId);
                known.Attempts.Remove(attempt.UserExamId);
            }
        }

        foreach (var (userExamId, (message, redeliveries)) in contradictions.Restored)
        {
            changes.Newest.Add(userExamId, message);
            changes.Restored.Add(message.Event!.KeenId, redeliveries);
            changes.ItemKeys.Add(message.Event, changes.Keys[message.Event]);
        }

        foreach (var attempt in contradictions.KeySources.Select(message => message.Event!))
        {
            changes.ItemKeys.Add(attempt, changes.Keys[attempt]);
        }
    }

    /// <summary>Takes one message as a new event, a redelivery, or a dead letter.</summary>
    private static void Take(IncomingMessage message, Contradictions contradictions, KnownRows known, BatchChanges changes)
    {
        var attempt = message.Event!;
        if (contradictions.ReasonAgainst(attempt) is { } reason)
        {
            changes.Contradicting.Add(message with { Event = null, Reason = reason });
            return;
        }

        var keys = changes.Keys[attempt];
        var isKnown = known.Events.TryGetValue(attempt.KeenId, out var stored);
        var isRedelivery = changes.Added.TryGetValue(attempt.KeenId, out var added) || isKnown;
        changes.Rollups.AddMessage(AttemptFigures.Of(message, keys.Exam), isRedelivery);
        if (isRedelivery)
        {
            changes.Redelivered.Add(message);
            if ((added is null ? stored!.Hash : Contradictions.HashOf(added)) is { } hash && hash != Contradictions.HashOf(message))
            {
                changes.Altered.Add(message);
            }

            return;
        }

        changes.Added.Add(attempt.KeenId, message);
        changes.ItemKeys.Add(attempt, keys);
        if (!changes.Newest.TryGetValue(attempt.UserExamId, out var other) || IsNewer(attempt, VersionOf(other.Event!), other.Event!.KeenId))
        {
            changes.Newest[attempt.UserExamId] = message;
        }
    }

    /// <summary>Finds out which attempts change, and which events are not their attempt's newest.</summary>
    private static void Replace(KnownRows known, BatchChanges changes)
    {
        foreach (var (userExamId, message) in changes.Newest)
        {
            var attempt = message.Event!;
            if (known.Attempts.TryGetValue(userExamId, out var stored))
            {
                if (!IsNewer(attempt, stored.Version, stored.KeenId))
                {
                    continue;
                }

                changes.Rollups.AddAttempt(stored.Figures, -1);
                changes.Replaced.Add(stored.EventId);
            }

            var keys = changes.Keys[attempt];
            var figures = AttemptFigures.Of(message, keys.Exam);
            changes.Rollups.AddAttempt(figures, 1);
            changes.ItemRollups.Add(attempt, keys);
            changes.Attempts.Add(new AttemptRow(message, keys, figures, changes.Restored.GetValueOrDefault(attempt.KeenId)));
        }

        var newest = changes.Attempts.Select(row => row.Event.KeenId).ToHashSet(StringComparer.Ordinal);
        changes.Older.AddRange(changes.Added.Values.Where(message => !newest.Contains(message.Event!.KeenId)));
    }

    /// <summary>An attempt's version; on a tie the greater keen_id wins, so that any order of arrival ends in the same.</summary>
    public static long VersionOf(AttemptEvent attempt) => attempt.KeenTimestamp ?? attempt.KeenCreatedAt ?? 0;

    private static bool IsNewer(AttemptEvent attempt, long version, string keenId)
    {
        var own = VersionOf(attempt);
        return own > version || (own == version && CodePointOrder.Compare(attempt.KeenId, keenId) > 0);
    }
}
