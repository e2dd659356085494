using System.Data;
using Ingest.Worker.Merge;
using Npgsql;
using Publishing;

namespace Ingest.Worker.Maintenance;

/// <summary>Who of the erased is in tables that were filled while they were erased: a mark does not tell its id, so every row is looked at.</summary>
internal static class MarkedRows
{
    public static async Task<HashSet<Erasure>> FindAsync(NpgsqlDataSource database, ErasureMarks marks, CancellationToken cancellationToken)
    {
        var found = new HashSet<Erasure>();
        await using var find = database.CreateCommand(
            """
            select kind, id
            from (
              select 'attempt' as kind, user_exam_id as id from events
              union
              select 'student', coalesce(user_id, user_exam_id) from events) as named
            where exists (select from erasures where erasures.kind = named.kind and id_hash = sha256(convert_to(id, 'UTF8')))
            """);
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(new Erasure(reader.GetString("kind") == Tombstone.Student ? ErasureKind.Student : ErasureKind.Attempt, reader.GetString("id")));
            }
        }

        await using var letters = database.CreateCommand("select key, value from dead_letters");
        await using var letter = await letters.ExecuteReaderAsync(cancellationToken);
        while (await letter.ReadAsync(cancellationToken))
        {
            found.UnionWith(NamedIds.Of(Bytes(letter, 0), Bytes(letter, 1)).Where(marks.Has));
        }

        return found;
    }

    private static byte[]? Bytes(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
}
