using System.Data;
using Assessments;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>An attempt as it is stored, with what it counts for in the rollups.</summary>
internal sealed record StoredAttempt(long EventId, string KeenId, long Version, AttemptFigures Figures);

/// <summary>An event as it is stored.</summary>
/// <param name="UserExamId">The attempt that it tells of.</param>
/// <param name="Hash">Of its record's value; null for those of before hashes were kept.</param>
internal sealed record KnownEvent(string UserExamId, long? Hash);

/// <summary>What the database has of a batch's events and attempts; the attempts stay locked until the transaction ends.</summary>
/// <param name="Events">By keen_id the events that were seen before.</param>
/// <param name="Attempts">The stored attempts by user_exam_id.</param>
internal sealed record KnownRows(Dictionary<string, KnownEvent> Events, Dictionary<string, StoredAttempt> Attempts)
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
                new(
                    """
                    select user_exam_id, event_id, keen_id, version, a.exam_id, course_id, user_id, certification, total, correct, incomplete, unanswered,
                      started_at, ended_at, implausible_counts is not null as has_implausible_counts, implausible_start
                    from events a join exams e on e.exam_id = a.exam_id
                    where user_exam_id = any($1) and is_newest
                    order by user_exam_id
                    for update of a
                    """)
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = userExamIds } },
                },
                new("select keen_id, user_exam_id, content_hash from events where keen_id = any($1)")
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = keenIds } },
                },
            },
        };
        var known = new KnownRows(
            new Dictionary<string, KnownEvent>(StringComparer.Ordinal), new Dictionary<string, StoredAttempt>(StringComparer.Ordinal));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Attempts.Add(reader.GetString("user_exam_id"), ReadAttempt(reader));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Events.Add(reader.GetString("keen_id"), new KnownEvent(reader.GetString("user_exam_id"), reader.GetFieldValue<long?>("content_hash")));
        }

        return known;
    }

    private static StoredAttempt ReadAttempt(NpgsqlDataReader reader)
    {
        int? total = reader.GetFieldValue<short?>("total");
        return new StoredAttempt(
            reader.GetInt64("event_id"),
            reader.GetString("keen_id"),
            reader.GetInt64("version"),
            new AttemptFigures(
                reader.GetInt32("exam_id"),
                reader.GetInt32("course_id"),
                reader.IsDBNull("user_id") ? null : reader.GetString("user_id"),
                reader.GetBoolean("certification"),
                total,
                reader.GetFieldValue<short?>("correct"),
                AttemptFigures.CompletionOf(total, reader.GetFieldValue<short?>("incomplete"), reader.GetFieldValue<short?>("unanswered")),
                reader.GetFieldValue<DateTime?>("started_at"),
                reader.GetFieldValue<DateTime?>("ended_at"),
                reader.GetBoolean("has_implausible_counts"),
                reader.GetFieldValue<DateTime?>("implausible_start")));
    }
}
