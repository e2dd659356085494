using Assessments;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>An attempt as it is stored, with what it counts for in the rollups.</summary>
internal sealed record StoredAttempt(long AttemptId, string KeenId, long Version, AttemptFigures Figures);

/// <summary>What the database has of a batch's events and attempts; the attempts stay locked until the transaction ends.</summary>
/// <param name="KeenIds">The events that were seen before.</param>
/// <param name="Attempts">The stored attempts by user_exam_id.</param>
/// <param name="NewAttemptIds">Keys for as many attempts as the batch can add at most.</param>
internal sealed record KnownRows(HashSet<string> KeenIds, Dictionary<string, StoredAttempt> Attempts, List<long> NewAttemptIds)
{
    public static async Task<KnownRows> ReadAsync(NpgsqlConnection connection, IReadOnlyList<AttemptEvent> attempts, CancellationToken cancellationToken)
    {
        var keenIds = attempts.Select(attempt => attempt.KeenId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var userExamIds = attempts.Select(attempt => attempt.UserExamId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();

        // Attempts are locked before events are looked up: what another worker commits while this waits for its lock is then seen as known.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(
                    """
                    select user_exam_id, attempt_id, keen_id, version, a.exam_id, course_id, user_id, certification, total, correct, incomplete, unanswered, started_at, ended_at
                    from attempts a join exams e on e.exam_id = a.exam_id
                    where user_exam_id = any($1)
                    order by user_exam_id
                    for update of a
                    """)
                {
                    Parameters = { new NpgsqlParameter<string[]> { TypedValue = userExamIds } },
                },
                new("select keen_id from events where keen_id = any($1)") { Parameters = { new NpgsqlParameter<string[]> { TypedValue = keenIds } } },
                new("select nextval('attempts_attempt_id_seq') from generate_series(1, $1)") { Parameters = { new NpgsqlParameter<int> { TypedValue = userExamIds.Length } } },
            },
        };
        var known = new KnownRows(new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, StoredAttempt>(StringComparer.Ordinal), new List<long>(userExamIds.Length));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Attempts.Add(reader.GetString(0), Stored(reader));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.KeenIds.Add(reader.GetString(0));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.NewAttemptIds.Add(reader.GetInt64(0));
        }

        return known;
    }

    private static StoredAttempt Stored(NpgsqlDataReader reader) => new(
        reader.GetInt64(1),
        reader.GetString(2),
        reader.GetInt64(3),
        new AttemptFigures(
            reader.GetInt32(4),
            reader.GetInt32(5),
            reader.IsDBNull(6) ? null : reader.GetString(6),
            reader.GetBoolean(7),
            IntegerOrNull(reader, 8),
            IntegerOrNull(reader, 9),
            AttemptFigures.CompletionOf(IntegerOrNull(reader, 8), IntegerOrNull(reader, 10), IntegerOrNull(reader, 11)),
            reader.IsDBNull(12) ? null : reader.GetDateTime(12),
            reader.IsDBNull(13) ? null : reader.GetDateTime(13)));

    private static int? IntegerOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);
}
