using Ingest.Worker.Batches;
using Ingest.Worker.Merge;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Maintenance;

/// <summary>What a topic holds up to the places that the snapshot has, as a temporary table of the transaction: topic_records.</summary>
/// <param name="Count">How many records.</param>
/// <param name="IsWhole">Whether the topic still holds everything that the tables were made of.</param>
internal sealed record TopicTable(long Count, bool IsWhole)
{
    public static async Task<TopicTable> LoadAsync(NpgsqlConnection connection, TopicScan topic, string name, CancellationToken cancellationToken)
    {
        await using (var create = new NpgsqlCommand(
            """
            create temporary table topic_records (
              topic_id text, partition integer, kafka_offset bigint, keen_id text collate "C", user_exam_id text collate "C", version bigint,
              is_erased boolean) on commit drop
            """,
            connection))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var marks = new ErasureMarks();
        await marks.ReadAsync(connection, cancellationToken);
        var topicId = await topic.TopicIdAsync();
        var places = await PlacesAsync(connection, cancellationToken);
        var isWhole = places.Keys.All(place => place.Topic == name && place.TopicId == topicId);
        var count = 0L;
        await using var copy = await connection.BeginBinaryImportAsync("copy topic_records from stdin (format binary)", cancellationToken);
        foreach (var (place, end) in places.Where(place => place.Key.Topic == name && place.Key.TopicId == topicId))
        {
            var claim = new Claim(name, place.TopicId, place.Partition, epoch: 0, position: 0, isFresh: false);
            isWhole &= end == 0 || topic.BeginningOf(place.Partition) == 0;
            foreach (var record in topic.Read(place.Partition, end, cancellationToken))
            {
                count++;
                await WriteAsync(copy, ErasedMessages.Of([IncomingMessage.Read(record, claim)], marks).Messages[0], cancellationToken);
            }
        }

        await copy.CompleteAsync(cancellationToken);
        return new TopicTable(count, isWhole);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter copy, IncomingMessage message, CancellationToken cancellationToken)
    {
        await copy.StartRowAsync(cancellationToken);
        copy.Write(message.Claim.TopicId, NpgsqlDbType.Text);
        copy.Write(message.Claim.Partition, NpgsqlDbType.Integer);
        copy.Write(message.Offset, NpgsqlDbType.Bigint);
        if (message.Event is { } attempt)
        {
            copy.Write(attempt.KeenId, NpgsqlDbType.Text);
            copy.Write(attempt.UserExamId, NpgsqlDbType.Text);
            copy.Write(BatchMerge.VersionOf(attempt), NpgsqlDbType.Bigint);
        }
        else
        {
            copy.WriteNull();
            copy.WriteNull();
            copy.WriteNull();
        }

        copy.Write(message.IsErased, NpgsqlDbType.Boolean);
    }

    private static async Task<Dictionary<(string Topic, string TopicId, int Partition),
    long>> PlacesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("select topic, topic_id, partition, next_offset from ingest_partitions where next_offset > 0", connection);
        var places = new Dictionary<(string, string, int), long>();
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add((reader.GetString(0), reader.GetString(1), reader.GetInt32(2)), reader.GetInt64(3));
        }

        return places;
    }
}
