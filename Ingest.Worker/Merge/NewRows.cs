using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>Writes a batch's events: of each attempt the newest with all that it says, of the others that they came.</summary>
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

        if (changes.Attempts.Count > 0)
        {
            await EventCopy.NewestAsync(connection, changes.Attempts, cancellationToken);
        }

        if (changes.Older.Count > 0)
        {
            await EventCopy.OlderAsync(connection, changes.Older, cancellationToken);
        }

        if (changes.Redelivered.Count > 0)
        {
            await AddRedeliveriesAsync(connection, changes.Redelivered, cancellationToken);
        }
    }

    private static async Task ReplaceAsync(NpgsqlConnection connection, long[] eventIds, CancellationToken cancellationToken)
    {
        await using var replace = new NpgsqlCommand(
            """
            update events set is_newest = false, created_at = null, started_at = null, ended_at = null, implausible_start = null, exam_id = null,
              exam_version_id = null, max_attempts = null, attempt_number = null, total = null, correct = null, incorrect = null, incomplete = null,
              submitted = null, unanswered = null, certification = null, all_correct = null, user_id = null, sequence_id = null, implausible_counts = null,
              item_ids = null, results = null, other_results = null, option_ends = null, item_option_ids = null, option_marks = null, answered_at = null
            where event_id = any($1)
            """,
            connection);
        replace.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = eventIds });
        await replace.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Deletes events that are dead letters now, and those that are written anew as their attempt's newest again. An answer key that one of them states gives way
    /// to any other statement; it goes at once where no attempt shows the question any more.
    /// </summary>
    private static async Task TakeBackAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        string[] keenIds = [.. changes.TakenBack];
        string[] written = [.. changes.Attempts.Select(row => row.Event.KeenId).Where(changes.Restored.ContainsKey)];
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

    private static async Task AddRedeliveriesAsync(NpgsqlConnection connection, List<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var add = new NpgsqlCommand(
            """
            with again as (
              insert into redeliveries (keen_id, place_id, kafka_offset) select * from unnest($1, $2, $3) returning keen_id
            )
            update events set redeliveries = redeliveries + more
            from (select keen_id as id, count(*)::int as more from again group by keen_id) as counted
            where keen_id = id
            """,
            connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(message => message.Event!.KeenId)] });
        add.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. messages.Select(message => message.Claim.PlaceId)] });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. messages.Select(message => message.Offset)] });
        await add.ExecuteNonQueryAsync(cancellationToken);
    }
}
