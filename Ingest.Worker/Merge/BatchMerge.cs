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

        var events = messages.Where(message => message.Event is not null).ToList();
        var deadLetters = messages.Where(message => message.Event is null && message.Reason is not null).ToList();
        var redeliveries = 0;
        if (events.Count > 0)
        {
            var merged = await MergeAsync(connection, events, cancellationToken);
            redeliveries = merged.Redeliveries;
            deadLetters.AddRange(merged.Contradicting);
            var contradicting = merged.Contradicting.Distinct().ToDictionary(message => (message.Claim, message.Offset));
            messages = [.. messages.Select(message => contradicting.GetValueOrDefault((message.Claim, message.Offset), message))];
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

    /// <returns>How many of the events had come before, and those that became dead letters as their keen_id is another attempt's.</returns>
    private async Task<(int Redeliveries, List<IncomingMessage> Contradicting)> MergeAsync(
        NpgsqlConnection connection, List<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        List<AttemptEvent> attempts = [.. messages.Select(message => message.Event!)];
        await dimensions.EnsureAsync(connection, attempts, cancellationToken);
        var known = await KnownRows.ReadAsync(connection, attempts, cancellationToken);
        var contradictions = await Contradictions.FindAsync(connection, records, known, attempts, cancellationToken);
        var changes = new BatchChanges();
        if (contradictions.TakenBack.Count > 0)
        {
            await dimensions.EnsureAsync(
                connection, [.. contradictions.TakenBack.Concat(contradictions.Restored.Values).Select(message => message.Event!)], cancellationToken);
            TakeBack(contradictions, known, changes);
        }

        foreach (var message in messages)
        {
            var attempt = message.Event!;
            if (contradictions.ReasonAgainst(attempt) is { } reason)
            {
                changes.Contradicting.Add(message with { Event = null, Reason = reason });
                continue;
            }

            var before = known.Events.TryGetValue(attempt.KeenId, out var stored) ? stored.Hash
                : changes.Added.TryGetValue(attempt.KeenId, out var added) ? Contradictions.HashOf(added) : (long?)null;
            var isRedelivery = stored is not null || changes.Added.ContainsKey(attempt.KeenId);
            changes.Rollups.AddMessage(AttemptFigures.Of(attempt, dimensions.ExamOf(attempt)), isRedelivery);
            if (isRedelivery)
            {
                changes.Redelivered.Add(message);
                if (before is { } hash && hash != Contradictions.HashOf(message))
                {
                    changes.Altered.Add(message);
                }

                continue;
            }

            changes.Added.Add(attempt.KeenId, message);
            changes.Keys.Add(attempt, dimensions.ExamOf(attempt));
            if (!changes.Newest.TryGetValue(attempt.UserExamId, out var other) || IsNewer(attempt, VersionOf(other), other.KeenId))
            {
                changes.Newest[attempt.UserExamId] = attempt;
            }
        }

        Replace(known, changes);
        if (changes.Replaced.Count > 0)
        {
            await changes.ItemRollups.SubtractAsync(connection, changes.Replaced, cancellationToken);
        }

        await NewRows.WriteAsync(connection, changes, cancellationToken);
        await PartitionPlaces.MoveAsync(connection, changes, contradictions.TakenBack, cancellationToken);
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var command in changes.Rollups.Commands().Concat(changes.ItemRollups.Commands()).Concat(changes.Keys.Commands()))
            {
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        changes.Contradicting.AddRange(contradictions.TakenBack.Select(message => message with { Event = null, Reason = contradictions.ReasonAgainst(message.Event!) }));
        return (changes.Redelivered.Count, changes.Contradicting);
    }

    /// <summary>Takes away what earlier events with another attempt's keen_id had been counted as; their attempts go back to their events before, or go.</summary>
    private void TakeBack(Contradictions contradictions, KnownRows known, BatchChanges changes)
    {
        foreach (var message in contradictions.TakenBack)
        {
            var attempt = message.Event!;
            var isFirst = changes.TakenBack.Add(attempt.KeenId);
            changes.Rollups.AddMessage(AttemptFigures.Of(attempt, dimensions.ExamOf(attempt)), !isFirst, sign: -1);
            known.Events.Remove(attempt.KeenId);
            if (known.Attempts.TryGetValue(attempt.UserExamId, out var stored) && stored.KeenId == attempt.KeenId)
            {
                changes.Rollups.AddAttempt(stored.Figures, -1);
                changes.Replaced.Add(stored.AttemptId);
                known.Attempts.Remove(attempt.UserExamId);
            }
        }

        foreach (var (userExamId, message) in contradictions.Restored)
        {
            changes.Newest.Add(userExamId, message.Event!);
            changes.Older.Add((message.Event!.UserExamId, message.Event.KeenId, VersionOf(message.Event)));
        }
    }

    /// <summary>Finds out which attempts change, and which events are not their attempt's newest.</summary>
    private void Replace(KnownRows known, BatchChanges changes)
    {
        var newIds = known.NewAttemptIds.GetEnumerator();
        foreach (var (userExamId, attempt) in changes.Newest)
        {
            if (known.Attempts.TryGetValue(userExamId, out var stored))
            {
                if (!IsNewer(attempt, stored.Version, stored.KeenId))
                {
                    continue;
                }

                changes.Rollups.AddAttempt(stored.Figures, -1);
                changes.Replaced.Add(stored.AttemptId);
                changes.Older.Add((userExamId, stored.KeenId, stored.Version));
            }

            newIds.MoveNext();
            var exam = dimensions.ExamOf(attempt);
            var figures = AttemptFigures.Of(attempt, exam);
            changes.Rollups.AddAttempt(figures, 1);
            changes.ItemRollups.Add(attempt, exam);
            changes.Attempts.Add(new AttemptRow(stored?.AttemptId ?? newIds.Current, attempt, exam, figures));
        }

        changes.Older.UnionWith(changes.Added.Values.Select(message => (message.Event!.UserExamId, message.Event.KeenId, VersionOf(message.Event))));
        changes.Older.ExceptWith(changes.Attempts.Select(row => (row.Event.UserExamId, row.Event.KeenId, VersionOf(row.Event))));
    }

    /// <summary>An attempt's version; on a tie the greater keen_id wins, so that any order of arrival ends in the same.</summary>
    public static long VersionOf(AttemptEvent attempt) => attempt.KeenTimestamp ?? attempt.KeenCreatedAt ?? 0;

    private static bool IsNewer(AttemptEvent attempt, long version, string keenId)
    {
        var own = VersionOf(attempt);
        return own > version || (own == version && string.CompareOrdinal(attempt.KeenId, keenId) > 0);
    }
}

/// <summary>An attempt to write: a new one, or one that takes the place of what was stored under its key.</summary>
internal sealed record AttemptRow(long AttemptId, AttemptEvent Event, Exam Exam, AttemptFigures Figures);

/// <summary>What a batch changes.</summary>
internal sealed class BatchChanges
{
    public Rollups Rollups { get; } = new();

    public ItemRollups ItemRollups { get; } = new();

    public ItemKeys Keys { get; } = new();

    /// <summary>By keen_id the events that are seen for the first time.</summary>
    public Dictionary<string, IncomingMessage> Added { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that came again.</summary>
    public List<IncomingMessage> Redelivered { get; } = [];

    /// <summary>Those of them that have other bytes than at first.</summary>
    public List<IncomingMessage> Altered { get; } = [];

    /// <summary>Events that are dead letters, as their keen_id is another attempt's.</summary>
    public List<IncomingMessage> Contradicting { get; } = [];

    /// <summary>The keen_ids whose earlier event is taken back.</summary>
    public HashSet<string> TakenBack { get; } = new(StringComparer.Ordinal);

    /// <summary>By user_exam_id the newest of its events that this batch has.</summary>
    public Dictionary<string, AttemptEvent> Newest { get; } = new(StringComparer.Ordinal);

    /// <summary>The attempts to write.</summary>
    public List<AttemptRow> Attempts { get; } = [];

    /// <summary>The stored attempts that go.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>Events that are not, or not any more, their attempt's newest.</summary>
    public HashSet<(string UserExamId, string KeenId, long Version)> Older { get; } = [];
}
