using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>The leader epochs of what was ingested, kept in the database beside the places.</summary>
internal static class LeaderEpochs
{
    /// <summary>Gives claims their epochs.</summary>
    public static async Task ReadAsync(NpgsqlDataSource database, IReadOnlyList<Claim> claims, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            "select place_id, leader_epoch, first_offset from ingest_leader_epochs where place_id = any($1) order by first_offset");
        find.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. claims.Select(claim => claim.PlaceId)] });
        var epochs = new List<(int PlaceId, LeaderEpoch Epoch)>();
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            epochs.Add((reader.GetInt32(0), new LeaderEpoch(reader.GetInt32(1), reader.GetInt64(2))));
        }

        foreach (var claim in claims)
        {
            claim.LeaderEpochs = [.. epochs.Where(epoch => epoch.PlaceId == claim.PlaceId).Select(epoch => epoch.Epoch)];
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

        (int PlaceId, LeaderEpoch Epoch)[] begun = [.. BegunIn(messages).Select(begun => (begun.Claim.PlaceId, begun.Epoch))];
        if (begun.Length == 0)
        {
            return;
        }

        await using var add = new NpgsqlCommand(
            """
            insert into ingest_leader_epochs (place_id, leader_epoch, first_offset) select * from unnest($1, $2, $3)
            on conflict (place_id, leader_epoch) do nothing
            """,
            connection);
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(begun, row => row.PlaceId) });
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(begun, row => row.Epoch.Epoch) });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(begun, row => row.Epoch.FirstOffset) });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives the claims of a batch that is in the database the epochs that it began.</summary>
    public static void Committed(IReadOnlyList<IncomingMessage> messages)
    {
        foreach (var (claim, epoch) in BegunIn(messages))
        {
            claim.LeaderEpochs = [.. claim.LeaderEpochs, epoch];
        }
    }

    private static List<(Claim Claim, LeaderEpoch Epoch)> BegunIn(IReadOnlyList<IncomingMessage> messages)
    {
        var begun = new List<(Claim Claim, LeaderEpoch Epoch)>();
        foreach (var message in messages)
        {
            if (message.LeaderEpoch is { } epoch && !message.Claim.LeaderEpochs.Any(known => known.Epoch == epoch)
                && !begun.Exists(known => known.Claim == message.Claim && known.Epoch.Epoch == epoch))
            {
                begun.Add((message.Claim, new LeaderEpoch(epoch, message.Offset)));
            }
        }

        return begun;
    }
}
