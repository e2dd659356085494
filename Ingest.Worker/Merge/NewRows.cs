using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>Writes a batch's events, with all that they say, and which is its attempt's newest.</summary>
internal static class NewRows
{
    public static async Task WriteAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        if (changes.Replaced.Count > 0)
        {
            await ReplaceAsync(connection, [.. changes.Replaced], cancellationToken);
        }

        if (changes.TakenBack.Count > 0)
        {
            await TakeBackAsync(connection, changes, cancellationToken);
        }

        if (changes.Rows.Count > 0)
        {
            await EventCopy.WriteAsync(connection, changes.Rows, cancellationToken);
        }

        if (changes.Redelivered.Count > 0)
        {
            await AddRedeliveriesAsync(connection, changes, cancellationToken);
        }
    }

    private static async Task ReplaceAsync(NpgsqlConnection connection, long[] eventIds, CancellationToken cancellationToken)
    {
        await using var replace = new NpgsqlCommand("update events set is_newest = false where event_id = any($1)", connection);
        replace.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = eventIds });
        await replace.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Deletes events that are dead letters now, and those that are written anew as their attempt's newest again. An answer key that one of them states gives
    /// way to any other statement; it goes at once where no attempt shows the question any more.
    /// </summary>
    private static async Task TakeBackAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        string[] keenIds = [.. changes.TakenBack];
        string[] written = [.. changes.Rows.Select(row => row.Event.KeenId).Where(changes.Restored.ContainsKey)];
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                OfEvents("delete from events where keen_id = any($1)", [.. keenIds, .. written]),
                OfEvents("delete from redeliveries where keen_id = any($1)", keenIds),
                OfEvents(
                    """
                    with gone as (
                      delete from item_keys
                      where keen_id = any($1) and not exists (
                        select from items join events using (exam_id)
                        where items.item_id = item_keys.item_id and is_newest and items.item_id = any(item_ids))
                      returning item_id
                    )
                    update item_options set is_correct = false from gone where item_options.item_id = gone.item_id
                    """,
                    keenIds),
                OfEvents("update item_keys set version = -9223372036854775808, keen_id = '' where keen_id = any($1)", keenIds),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);

        static NpgsqlBatchCommand OfEvents(string sql, string[] keenIds) =>
            new(sql) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = keenIds } } };
    }

    private static async Task AddRedeliveriesAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        var messages = changes.Redelivered;
        await using var add = new NpgsqlCommand(
            """
            with again as (
              insert into redeliveries (keen_id, place_id, kafka_offset, is_altered) select * from unnest($1, $2, $3, $4) returning keen_id
            )
            update events set redeliveries = redeliveries + more
            from (select keen_id as id, count(*)::int as more from again group by keen_id) as counted
            where keen_id = id
            """,
            connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(message => message.Event!.KeenId)] });
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. messages.Select(message => message.Claim.PlaceId)] });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. messages.Select(message => message.Offset)] });
        add.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. messages.Select(changes.Altered.Contains)] });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }
}
