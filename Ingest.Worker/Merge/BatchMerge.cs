using Assessments;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Npgsql;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>What one transaction did.</summary>
internal readonly record struct MergeResult(int Redeliveries, int DeadLetters, int Erased);

/// <summary>What was removed.</summary>
/// <param name="Attempts">Attempts that were in the tables.</param>
/// <param name="Messages">The records that they came with.</param>
/// <param name="DeadLetters">Dead letters that named the erased.</param>
internal readonly record struct ErasureResult(int Attempts, int Messages, int DeadLetters);

/// <summary>Another worker has claimed partitions of the batch, or the tables were rebuilt: nothing of it was written.</summary>
internal sealed class FencedException(IReadOnlyList<(Claim Claim, bool IsFree)> claims) : Exception("The partitions do not belong to this worker any more.")
{
    /// <summary>The claims, and whether nobody has claimed their partitions since the tables were rebuilt.</summary>
    public IReadOnlyList<(Claim Claim, bool IsFree)> Claims { get; } = claims;
}

/// <summary>
/// Writes one batch in one transaction: the place in each partition, rows, rollups and dead letters, all or nothing.
/// What is known of the batch's events and attempts is read and locked first; then the new rows go in by binary COPY, and what changes in shared rows
/// is summed up here and added by one statement for each table.
/// </summary>
internal sealed class BatchMerge(NpgsqlDataSource database, Dimensions dimensions, EarlierRecords records, ErasureMarks marks)
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
        var erases = messages.Any(message => message.Erases is not null);
        return await TryRunAsync(messages, erases, cancellationToken) ?? (await TryRunAsync(messages, erases: true, cancellationToken)).GetValueOrDefault();
    }

    /// <summary>Removes students and attempts, and leaves their marks; of those who have been erased nothing is left to remove.</summary>
    /// <exception cref="NpgsqlException">The database refused something or went away: nothing was removed, unless that was during the commit.</exception>
    public async Task<ErasureResult> EraseAsync(IReadOnlyCollection<Erasure> erasures, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await marks.LockAsync(connection, alone: true, cancellationToken);
        var removal = await Removal.RunAsync(connection, erasures, cancellationToken);
        var (_, contradicting) = await MergeAsync(connection, removal.Restored, cancellationToken);
        await DeadLetters.WriteAsync(connection, contradicting, cancellationToken);
        var deleted = await removal.CompleteAsync();
        dimensions.Forget();
        await CommitAsync(transaction, cancellationToken);
        return new ErasureResult(removal.Attempts, removal.Messages, deleted);
    }

    /// <returns>Null if the batch erases somebody, which was not known: nothing was written.</returns>
    private async Task<MergeResult?> TryRunAsync(IReadOnlyList<IncomingMessage> messages, bool erases, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await marks.LockAsync(connection, alone: erases, cancellationToken))
        {
            dimensions.Forget();
        }

        var erased = ErasedMessages.Of(messages, marks);
        if (erased.New.Count > 0 && !erases)
        {
            return null;
        }

        messages = erased.Messages;
        if (!await PartitionPlaces.TryAdvanceAsync(connection, messages, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await PartitionPlaces.WasCommittedAsync(connection, messages, cancellationToken)
                ? default(MergeResult)
                : throw new FencedException(await PartitionPlaces.FencedAsync(connection, messages, cancellationToken));
        }

        await StoredEpochs.WriteAsync(connection, messages, cancellationToken);
        var removal = erased.New.Count > 0 ? await Removal.RunAsync(connection, erased.New, cancellationToken) : null;
        var events = messages.Where(message => message.Event is not null).Concat(removal?.Restored ?? []).ToList();
        var (redeliveries, contradicting) = await MergeAsync(connection, events, cancellationToken);
        List<IncomingMessage> deadLetters = [.. messages.Where(message => message.Event is null && message.Reason is not null), .. contradicting];
        if (contradicting.Count > 0)
        {
            // A log that was cut and ingested again has counted a record twice.
            var letters = contradicting.DistinctBy(message => (message.Claim, message.Offset)).ToDictionary(message => (message.Claim, message.Offset));
            messages = [.. messages.Select(message => letters.GetValueOrDefault((message.Claim, message.Offset), message))];
        }

        if (deadLetters.Count > 0)
        {
            await DeadLetters.WriteAsync(connection, deadLetters, cancellationToken);
        }

        await DeadLetters.MarkAsync(connection, messages, cancellationToken);
        if (removal is not null)
        {
            await removal.CompleteAsync();
            dimensions.Forget();
        }

        await CommitAsync(transaction, cancellationToken);
        return new MergeResult(redeliveries, deadLetters.Count, messages.Count(message => message.IsErased));
    }

    /// <summary>Commits, and tells it.</summary>
    private static async Task CommitAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using (var notify = new NpgsqlCommand($"notify {DatabaseSchema.ChangesChannel}", transaction.Connection))
        {
            await notify.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <returns>How many of the events had come before, and the messages that are dead letters, as their keen_id is another attempt's.</returns>
    private async Task<(int Redeliveries, List<IncomingMessage> Contradicting)> MergeAsync(
        NpgsqlConnection connection, List<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return (0, []);
        }

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
        var figures = new Dictionary<string, AttemptFigures?>(StringComparer.Ordinal);
        foreach (var message in contradictions.TakenBack)
        {
            var attempt = message.Event!;
            var isFirst = changes.TakenBack.Add(attempt.KeenId);
            if (known.Events.Remove(attempt.KeenId, out var taken))
            {
                figures[attempt.KeenId] = taken.Figures;
            }

            changes.Rollups.AddMessage(figures[attempt.KeenId] ?? AttemptFigures.Of(message, changes.Keys[attempt].Exam), !isFirst, sign: -1);
            changes.Contradicting.Add(message with { Event = null, Reason = contradictions.ReasonAgainst(attempt) });
            if (known.Attempts.TryGetValue(attempt.UserExamId, out var stored) && stored.KeenId == attempt.KeenId)
            {
                changes.Rollups.AddAttempt(stored.Figures!.Value, -1);
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
        var stored = known.Events.GetValueOrDefault(attempt.KeenId);
        var isRedelivery = changes.Added.TryGetValue(attempt.KeenId, out var added) || stored is not null;

        // A redelivery counts as what came first, whatever its own bytes say.
        var figures = stored?.Figures ?? AttemptFigures.Of(added ?? message, added is null ? keys.Exam : changes.Keys[added.Event!].Exam);
        changes.Rollups.AddMessage(figures, isRedelivery);
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

                changes.Rollups.AddAttempt(stored.Figures!.Value, -1);
                changes.Replaced.Add(stored.EventId);
            }

            var keys = changes.Keys[attempt];
            var figures = AttemptFigures.Of(message, keys.Exam);
            changes.Rollups.AddAttempt(figures, 1);
            changes.ItemRollups.Add(attempt, keys);
            changes.Rows.Add(new EventRow(message, keys, figures, IsNewest: true, changes.Restored.GetValueOrDefault(attempt.KeenId)));
        }

        var newest = changes.Rows.Select(row => row.Event.KeenId).ToHashSet(StringComparer.Ordinal);
        foreach (var message in changes.Added.Values.Where(message => !newest.Contains(message.Event!.KeenId)))
        {
            var keys = changes.Keys[message.Event!];
            changes.Rows.Add(new EventRow(message, keys, AttemptFigures.Of(message, keys.Exam), IsNewest: false, Redeliveries: 0));
        }
    }

    /// <summary>An attempt's version; on a tie the greater keen_id wins, so that any order of arrival ends in the same.</summary>
    public static long VersionOf(AttemptEvent attempt) => attempt.KeenTimestamp ?? attempt.KeenCreatedAt ?? 0;

    private static bool IsNewer(AttemptEvent attempt, long version, string keenId)
    {
        var own = VersionOf(attempt);
        return own > version || (own == version && CodePointOrder.Compare(attempt.KeenId, keenId) > 0);
    }
}
