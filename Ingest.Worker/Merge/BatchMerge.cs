using Assessments;
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
internal sealed class BatchMerge(NpgsqlDataSource database, Dimensions dimensions)
{
    /// <param name="messages">At least one; those of one partition in their order and without a gap between them.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <exception cref="FencedException">A partition belongs to another worker.</exception>
    /// <exception cref="NpgsqlException">
    /// The database refused something or went away. The transaction may have been committed in the latter case: repeating it finds that out.
    /// </exception>
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

        var attempts = new List<AttemptEvent>(messages.Count);
        var deadLetters = new List<IncomingMessage>();
        foreach (var message in messages)
        {
            if (message.Event is { } attempt)
            {
                attempts.Add(attempt);
            }
            else if (message.Reason is not null)
            {
                deadLetters.Add(message);
            }
        }

        var redeliveries = attempts.Count > 0 ? await MergeAsync(connection, attempts, cancellationToken) : 0;

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

    /// <returns>How many of the events had come before.</returns>
    private async Task<int> MergeAsync(NpgsqlConnection connection, List<AttemptEvent> messages, CancellationToken cancellationToken)
    {
        await dimensions.EnsureAsync(connection, messages, cancellationToken);
        var known = await KnownRows.ReadAsync(connection, messages, cancellationToken);
        var (rollups, itemRollups, keys) = (new Rollups(), new ItemRollups(), new ItemKeys());
        var events = new Dictionary<string, string>(messages.Count, StringComparer.Ordinal);
        var repeated = new Dictionary<string, int>(StringComparer.Ordinal);
        var redelivered = new Dictionary<string, int>(StringComparer.Ordinal);
        var newest = new Dictionary<string, AttemptEvent>(messages.Count, StringComparer.Ordinal);
        var redeliveries = 0;
        foreach (var message in messages)
        {
            var isKnown = known.KeenIds.Contains(message.KeenId);
            var isRepeated = !isKnown && events.ContainsKey(message.KeenId);
            rollups.AddMessage(AttemptFigures.Of(message, dimensions.ExamOf(message)), isKnown || isRepeated);
            if (isKnown || isRepeated)
            {
                redeliveries++;
                var count = isKnown ? redelivered : repeated;
                count[message.KeenId] = count.GetValueOrDefault(message.KeenId) + 1;
                continue;
            }

            events.Add(message.KeenId, message.UserExamId);
            keys.Add(message, dimensions.ExamOf(message));
            if (!newest.TryGetValue(message.UserExamId, out var other) || IsNewer(message, VersionOf(other), other.KeenId))
            {
                newest[message.UserExamId] = message;
            }
        }

        var rows = new List<AttemptRow>(newest.Count);
        var replaced = new List<long>();
        var newIds = known.NewAttemptIds.GetEnumerator();
        foreach (var (userExamId, attempt) in newest)
        {
            if (known.Attempts.TryGetValue(userExamId, out var stored))
            {
                if (!IsNewer(attempt, stored.Version, stored.KeenId))
                {
                    continue;
                }

                rollups.AddAttempt(stored.Figures, -1);
                replaced.Add(stored.AttemptId);
            }

            newIds.MoveNext();
            var exam = dimensions.ExamOf(attempt);
            var figures = AttemptFigures.Of(attempt, exam);
            rollups.AddAttempt(figures, 1);
            itemRollups.Add(attempt, exam);
            rows.Add(new AttemptRow(stored?.AttemptId ?? newIds.Current, attempt, exam, figures));
        }

        if (replaced.Count > 0)
        {
            await itemRollups.SubtractAsync(connection, replaced, cancellationToken);
        }

        await NewRows.WriteAsync(connection, new NewEvents(events, repeated, redelivered), replaced, rows, cancellationToken);
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var command in rollups.Commands().Concat(itemRollups.Commands()).Concat(keys.Commands()))
            {
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        return redeliveries;
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

/// <summary>What a batch changes in the table of events.</summary>
/// <param name="Added">keen_id to user_exam_id of those seen for the first time.</param>
/// <param name="Repeated">How often some of those came again in the same batch.</param>
/// <param name="Redelivered">How often events came that were known before.</param>
internal sealed record NewEvents(Dictionary<string, string> Added, Dictionary<string, int> Repeated, Dictionary<string, int> Redelivered);
