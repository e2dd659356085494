using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>Keeps what is no event, whole and with its reason.</summary>
internal static class DeadLetters
{
    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy dead_letters (topic, topic_id, partition, kafka_offset, kafka_timestamp, key, value, headers, reason) from stdin (format binary)", cancellationToken);
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
        }

        await copy.CompleteAsync(cancellationToken);
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
