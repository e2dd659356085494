using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>The leader epochs of what was ingested, kept in the database beside the places.</summary>
internal static class StoredEpochs
{
    /// <summary>Gives new claims their epochs.</summary>
    public static async Task ReadAsync(NpgsqlDataSource database, IReadOnlyList<Claim> claims, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            "select place_id, leader_epoch, first_offset from ingest_leader_epochs where place_id = any($1) order by first_offset");
        find.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. claims.Select(claim => claim.PlaceId)] });
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var claim = claims.First(claim => claim.PlaceId == reader.GetInt32(0));
            claim.Read.TryAdd(reader.GetInt32(1), reader.GetInt64(2));
            claim.Stored.TryAdd(reader.GetInt32(1), reader.GetInt64(2));
        }
    }

    /// <summary>Writes the epochs that a batch begins, and forgets those that were cut off.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var cut in messages.Where(message => message.IsCut))
        {
            await using var forget = new NpgsqlCommand("delete from ingest_leader_epochs where place_id = $1 and first_offset >= $2", connection);
            forget.Parameters.Add(new NpgsqlParameter<int> { TypedValue = cut.Claim.PlaceId });
            forget.Parameters.Add(new NpgsqlParameter<long> { TypedValue = cut.To });
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        var (begun, _) = After(messages);
        if (begun.Count == 0)
        {
            return;
        }

        await using var add = new NpgsqlCommand(
            "insert into ingest_leader_epochs (place_id, leader_epoch, first_offset) select * from unnest($1, $2, $3) on conflict do nothing", connection);
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. begun.Select(message => message.Claim.PlaceId)] });
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. begun.Select(message => message.LeaderEpoch!.Value)] });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. begun.Select(message => message.Offset)] });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives the claims of a batch that is in the database the epochs that it left.</summary>
    public static void Committed(IReadOnlyList<IncomingMessage> messages)
    {
        foreach (var (claim, epochs) in After(messages).Stored)
        {
            claim.Stored = epochs;
        }
    }

    /// <summary>The messages that begin an epoch, and what is stored after a batch of each claim for which that changes.</summary>
    private static (List<IncomingMessage> Begun, Dictionary<Claim, LeaderEpochs> Stored) After(IReadOnlyList<IncomingMessage> messages)
    {
        var (begun, stored) = (new List<IncomingMessage>(), new Dictionary<Claim, LeaderEpochs>());
        (Claim? Claim, int? Epoch) last = default;
        foreach (var message in messages)
        {
            if (!message.IsCut && (message.LeaderEpoch is null || (message.Claim, message.LeaderEpoch) == last))
            {
                continue; // As nearly all.
            }

            last = (message.Claim, message.LeaderEpoch);
            if (!stored.TryGetValue(message.Claim, out var epochs))
            {
                stored.Add(message.Claim, epochs = new LeaderEpochs(message.Claim.Stored));
            }

            if (message.IsCut)
            {
                epochs.CutAt(message.To);
            }
            else if (epochs.TryAdd(message.LeaderEpoch!.Value, message.Offset))
            {
                begun.Add(message);
            }
        }

        return (begun, stored);
    }
}
