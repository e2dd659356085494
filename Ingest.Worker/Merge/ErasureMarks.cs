using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>
/// The marks of who was erased, as the database has them, kept from batch to batch: what is new since the last is read in each transaction, behind a lock that
/// keeps out whoever erases, so that no batch misses a mark.
/// A mark is the SHA-256 of the id. It names nobody, and anybody who has the id can tell whether it was erased; a key to it would have to be where the marks
/// are, and one that was lost would bring back all who were erased at the next rebuild.
/// </summary>
internal sealed class ErasureMarks
{
    // Tables made anew under the same name have another.
    private const string TablesSql = "select 'events'::regclass::oid";

    private readonly HashSet<(ErasureKind Kind, UInt128 Hash)> _marks = [];
    private long _last;
    private uint _tables;

    /// <summary>Locks, and reads what is new.</summary>
    /// <param name="connection">In a transaction, before anything else of it.</param>
    /// <param name="alone">Whether this transaction erases: no other writes until it ends.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>Whether keys of the tables that were read before may be gone: somebody was erased, or the tables are others.</returns>
    public async Task<bool> LockAsync(NpgsqlConnection connection, bool alone, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new($"lock table erasures in {(alone ? "exclusive" : "row share")} mode"), new(TablesSql), NewMarks() },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    /// <summary>Reads what is new, as the transaction's snapshot has it.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(TablesSql), NewMarks() } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await ReadAsync(reader, cancellationToken);
    }

    private NpgsqlBatchCommand NewMarks() =>
        new("select kind, id_hash, erasure_id from erasures where erasure_id > $1 or 'events'::regclass::oid <> $2 order by erasure_id")
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = _last },
                new NpgsqlParameter<uint> { TypedValue = _tables, NpgsqlDbType = NpgsqlDbType.Oid },
            },
        };

    private async Task<bool> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        var tables = reader.GetFieldValue<uint>(0);
        var isNew = tables != _tables;
        if (isNew)
        {
            _marks.Clear();
            (_tables, _last) = (tables, 0);
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            isNew = true;
            _marks.Add((reader.GetString(0) == Tombstone.Student ? ErasureKind.Student : ErasureKind.Attempt, Shortened(reader.GetFieldValue<byte[]>(1))));
            _last = reader.GetInt64(2);
        }

        return isNew;
    }

    public bool IsEmpty => _marks.Count == 0;

    public bool Has(Erasure erasure) => _marks.Count > 0 && _marks.Contains((erasure.Kind, Shortened(HashOf(erasure.Id))));

    /// <summary>What a mark keeps of an id.</summary>
    public static byte[] HashOf(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));

    /// <summary>What a mark is called in the database.</summary>
    public static string NameOf(ErasureKind kind) => kind == ErasureKind.Student ? Tombstone.Student : Tombstone.Attempt;

    // Half of it tells as well, and many may be erased.
    private static UInt128 Shortened(byte[] hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
