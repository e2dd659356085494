using System.Data;
using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Maintenance;

/// <summary>
/// Brings the dead letters in line with what a rebuild has found: a letter that the topic still gives keeps its number, when it came, and whether it was sent
/// again and repaired; one that the topic can't give, such as the word of a gap, stays too; one that is an event by now goes.
/// </summary>
internal static class KeptLetters
{
    private const string Fresh = FreshTables.Schema;

    private const string IsSame = """
        (o.topic, o.topic_id, o.partition, o.kafka_offset) = (n.topic, n.topic_id, n.partition, n.kafka_offset) and o.value is not distinct from n.value
        """;

    /// <param name="connection">In a transaction that has locked out whoever writes.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    public static async Task ReconcileAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long[] gone = [.. await GoneAsync(connection, cancellationToken)];
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"update public.dead_letters o set reason = n.reason from {Fresh}.dead_letters n where {IsSame} and o.reason <> n.reason"),
                new($"""
                    insert into public.dead_letters (
                      topic, topic_id, partition, kafka_offset, kafka_timestamp, key, value, headers, reason, source_file, source_line, replay_of)
                    select topic, topic_id, partition, kafka_offset, kafka_timestamp, key, value, headers, reason, source_file, source_line, replay_of
                    from {Fresh}.dead_letters n
                    where not exists (select from public.dead_letters o where {IsSame})
                    order by dead_letter_id
                    """),
                new("delete from public.dead_letters where dead_letter_id = any($1)") { Parameters = { new NpgsqlParameter<long[]> { TypedValue = gone } } },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The letters that are events by now. Those of somebody who was erased went with the mark.</summary>
    private static async Task<List<long>> GoneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var letters = new List<(long Id, string KeenId, string UserExamId)>();
        await using (var find = new NpgsqlCommand(
            $"""
            select dead_letter_id, value from public.dead_letters o
            where value is not null and not exists (select from {Fresh}.dead_letters n where {IsSame})
            """,
            connection))
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                if (IncomingMessage.ReadEvent(reader.GetFieldValue<byte[]>("value")).Attempt is { } attempt)
                {
                    letters.Add((reader.GetInt64("dead_letter_id"), attempt.KeenId, attempt.UserExamId));
                }
            }
        }

        var gone = new List<long>();
        await using var known = new NpgsqlCommand(
            $"""
            select id from unnest($1, $2, $3) as letter (id, letter_keen_id, letter_attempt)
              join {Fresh}.events on keen_id = letter_keen_id and user_exam_id = letter_attempt
            """,
            connection);
        known.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. letters.Select(letter => letter.Id)] });
        known.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. letters.Select(letter => letter.KeenId)] });
        known.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. letters.Select(letter => letter.UserExamId)] });
        await using var row = await known.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            gone.Add(row.GetInt64(0));
        }

        return gone;
    }
}
