using Assessments;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>What the database has of a batch's events and attempts; the attempts stay locked until the transaction ends.</summary>
/// <param name="Events">By keen_id the events that were seen before.</param>
/// <param name="Attempts">The stored attempts by user_exam_id.</param>
internal sealed record KnownRows(Dictionary<string, StoredEvent> Events, Dictionary<string, StoredEvent> Attempts)
{
    public static async Task<KnownRows> ReadAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var userExamIds = attempts.Select(attempt => attempt.UserExamId).ToHashSet(StringComparer.Ordinal);
        while (true)
        {
            var known = await ReadAsync(connection, attempts, userExamIds, cancellationToken);

            // Attempts that lose an event to one of the batch change too: they are locked before their events are looked up, as all are.
            var losing = Contradictions.Yielding(known, Contradictions.OwnersOf(known, attempts)).Select(keenId => known.Events[keenId].UserExamId).ToList();
            if (losing.TrueForAll(userExamIds.Contains))
            {
                return known;
            }

            userExamIds.UnionWith(losing);
        }
    }

    private static async Task<KnownRows> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, HashSet<string> attemptIds, CancellationToken cancellationToken)
    {
        var keenIds = attempts.Select(attempt => attempt.KeenId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var userExamIds = attemptIds.Order(StringComparer.Ordinal).ToArray();

        // Attempts are locked before events are looked up: what another worker commits while this waits for its lock is then seen as known.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"select {StoredEvent.Columns} from {StoredEvent.Tables} where user_exam_id = any($1) and is_newest order by user_exam_id for update of a")
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = userExamIds } },
                },
                new($"select {StoredEvent.Columns} from {StoredEvent.Tables} where keen_id = any($1)")
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = keenIds } },
                },
            },
        };
        var known = new KnownRows(
            new Dictionary<string, StoredEvent>(StringComparer.Ordinal), new Dictionary<string, StoredEvent>(StringComparer.Ordinal));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = StoredEvent.Read(reader);
            known.Attempts.Add(stored.UserExamId, stored);
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = StoredEvent.Read(reader);
            known.Events.Add(stored.KeenId, stored);
        }

        return known;
    }
}
