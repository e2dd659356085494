using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Npgsql;
using NpgsqlTypes;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>Keeps what is no event, whole and with its reason.</summary>
internal static class DeadLetters
{
    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy dead_letters (topic, topic_id, partition, kafka_offset, kafka_timestamp, key, value, headers, reason, source_file, source_line, replay_of)
            from stdin (format binary)
            """,
            cancellationToken);
        foreach (var message in messages)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(message.Claim.Topic, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(message.Claim.TopicId, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(message.Claim.Partition, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(message.Offset, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(message.Timestamp, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(message.Key, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(message.Value, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(Json(message.Headers), NpgsqlDbType.Jsonb, cancellationToken);
            await copy.WriteAsync(message.Reason, NpgsqlDbType.Text, cancellationToken);
            var (file, line) = EventHeaders.PlaceIn(message.Headers);
            await copy.WriteAsync(file, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(line, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(message.ReplayOf, NpgsqlDbType.Bigint, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    /// <summary>Marks the dead letters that messages were sent again for: as replayed, and as repaired where the message is an event.</summary>
    public static async Task MarkAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        // In the order of their keys, so that two workers never wait for each other crosswise.
        var replays = messages
            .Where(message => message.ReplayOf is not null)
            .GroupBy(message => message.ReplayOf!.Value, (id, all) => (Id: id, IsEvent: all.Any(message => message.Event is not null)))
            .OrderBy(replay => replay.Id)
            .ToArray();
        if (replays.Length == 0)
        {
            return;
        }

        await using var mark = new NpgsqlCommand(
            """
            with replay as (select * from unnest($1, $2) as replay (id, is_event)),
              locked as (select dead_letter_id from dead_letters where dead_letter_id = any($1) order by dead_letter_id for update)
            update dead_letters set replayed_at = now(), repaired_at = case when is_event then now() else repaired_at end
            from replay join locked on dead_letter_id = id
            where dead_letters.dead_letter_id = id
            """,
            connection);
        mark.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(replays, replay => replay.Id) });
        mark.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = Array.ConvertAll(replays, replay => replay.IsEvent) });
        await mark.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// An object by header: text as a string, other bytes as <c>{"base64": …}</c>, and the values of a name that comes several times as an array.
    /// </summary>
    private static string Json(Headers? headers)
    {
        var json = new JsonObject();
        foreach (var values in (headers ?? []).GroupBy(header => header.Key, header => Json(header.GetValueBytes())))
        {
            JsonNode?[] all = [.. values];
            json[values.Key.Replace('\0', '\uFFFD')] = all is [var one] ? one : new JsonArray(all);
        }

        return json.ToJsonString();
    }

    private static JsonNode? Json(byte[]? value) => value switch
    {
        null => null,
        _ when Utf8.IsValid(value) && !value.Contains((byte)0) => Encoding.UTF8.GetString(value),
        _ => new JsonObject { ["base64"] = Convert.ToBase64String(value) },
    };
}
