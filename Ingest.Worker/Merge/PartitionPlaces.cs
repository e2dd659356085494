using System.Data;
using Ingest.Worker.Batches;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Worker.Merge;

/// <summary>The topic belongs to workers of another consumer group.</summary>
internal sealed class OtherGroupException(string topic, string group, string other) : Exception(
    $"The topic {topic} is ingested into this database by the consumer group \"{other}\", and this worker's is \"{group}\": set Ingest:Group to {other}.");

/// <summary>The consumer's place in each partition, kept in the database with an epoch that only the last claimant knows.</summary>
internal static class PartitionPlaces
{
    /// <summary>Claims partitions: raises their epochs, so that whoever had them can't write any more, and reads where to go on.</summary>
    /// <exception cref="OtherGroupException">Workers of another consumer group ingest the topic: both would claim from each other for ever.</exception>
    public static async Task<List<Claim>> ClaimAsync(
        NpgsqlDataSource database, string topic, string topicId, int[] partitions, string group, string owner, CancellationToken cancellationToken)
    {
        await using (
            var find = database.CreateCommand("select consumer_group from ingest_partitions where topic = $1 and topic_id = $2 and consumer_group <> $3"))
        {
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topicId });
            find.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
            if (await find.ExecuteScalarAsync(cancellationToken) is string other)
            {
                throw new OtherGroupException(topic, group, other);
            }
        }

        await using var claim = database.CreateCommand(
            """
            insert into ingest_partitions as p (topic, topic_id, partition, epoch, consumer_group, owner)
            select $1, $2, partition, 1, $4, $5 from unnest($3) as partition order by partition
            on conflict (topic, topic_id, partition) do update
              set epoch = p.epoch + 1, consumer_group = excluded.consumer_group, owner = excluded.owner, updated_at = now()
            returning partition, epoch, next_offset, place_id, messages + dead_letters = 0 and next_offset = 0 as is_fresh
            """);
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topicId });
        claim.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = partitions });
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = owner });
        var claims = new List<Claim>(partitions.Length);
        await using var reader = await claim.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            claims.Add(new Claim(
                topic, topicId, reader.GetInt32("partition"), reader.GetInt64("epoch"), reader.GetInt64("next_offset"), reader.GetBoolean("is_fresh"))
            {
                PlaceId = reader.GetInt32("place_id"),
            });
        }

        return claims;
    }

    /// <summary>
    /// Moves every partition of a batch from the place before its first message to the one after its last; false if one is not there or not ours.
    /// </summary>
    public static async Task<bool> TryAdvanceAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        var steps = StepsOf(messages);
        await using var advance = new NpgsqlCommand(
            """
            update ingest_partitions p
            set next_offset = step.next, messages = p.messages + step.messages, dead_letters = p.dead_letters + step.dead_letters,
              erased = p.erased + step.erased, record_at = coalesce(step.record_at, p.record_at), updated_at = now()
            from unnest($3, $4, $5, $6, $7, $8, $9, $10) as step (partition, epoch, at, next, messages, dead_letters, erased, record_at)
            where p.topic = $1 and p.topic_id = $2 and p.partition = step.partition and p.epoch = step.epoch and p.next_offset = step.at
            """,
            connection);
        AddTopic(advance, steps[0].Claim);
        advance.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(steps, step => step.Claim.Partition) });
        advance.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(steps, step => step.Claim.Epoch) });
        advance.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(steps, step => step.From) });
        advance.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(steps, step => step.To) });
        advance.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(steps, step => step.Messages) });
        advance.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(steps, step => step.DeadLetters) });
        advance.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(steps, step => step.Erased) });
        advance.Parameters.Add(new NpgsqlParameter<DateTime?[]>
        {
            TypedValue = Array.ConvertAll(steps, step => step.RecordAt),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        return await advance.ExecuteNonQueryAsync(cancellationToken) == steps.Length;
    }

    /// <summary>Counts as dead letters what was counted as messages, by partition, and the redeliveries with other bytes than at first.</summary>
    public static async Task MoveAsync(NpgsqlConnection connection, BatchChanges changes, CancellationToken cancellationToken)
    {
        var moves = changes.Contradicting.Select(message => (message.Claim, Moved: 1, Altered: 0))
            .Concat(changes.Altered.Select(message => (message.Claim, Moved: 0, Altered: 1)))
            .GroupBy(move => (move.Claim.Topic, move.Claim.TopicId, move.Claim.Partition))
            .Select(place => (place.Key, Moved: place.Sum(move => move.Moved), Altered: place.Sum(move => move.Altered)))
            .ToArray();
        if (moves.Length == 0)
        {
            return;
        }

        await using var move = new NpgsqlCommand(
            """
            update ingest_partitions p
            set messages = p.messages - moved, dead_letters = p.dead_letters + moved, altered_redeliveries = p.altered_redeliveries + altered
            from unnest($1, $2, $3, $4, $5) as move (topic, topic_id, partition, moved, altered)
            where p.topic = move.topic and p.topic_id = move.topic_id and p.partition = move.partition
            """,
            connection);
        move.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(moves, place => place.Key.Topic) });
        move.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(moves, place => place.Key.TopicId) });
        move.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(moves, place => place.Key.Partition) });
        move.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(moves, place => place.Moved) });
        move.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(moves, place => place.Altered) });
        await move.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Whether the batch is in the database already: a connection that breaks during the commit leaves that open, and the places tell.
    /// All of a batch was written or none, and nobody but the claim's epoch could move them.
    /// </summary>
    public static async Task<bool> WasCommittedAsync(NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        var places = await PlacesAsync(connection, messages, cancellationToken);
        return StepsOf(messages).All(step =>
            places.TryGetValue(step.Claim.Partition, out var place) && place.Epoch == step.Claim.Epoch && place.NextOffset == step.To);
    }

    /// <summary>The claims of a batch that the database does not know any more, and whether nobody has claimed their partitions since a rebuild.</summary>
    public static async Task<List<(Claim Claim, bool IsFree)>> FencedAsync(
        NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        var places = await PlacesAsync(connection, messages, cancellationToken);
        return [.. StepsOf(messages)
            .Select(step => (step, place: places.TryGetValue(step.Claim.Partition, out var place) ? place : default(Place?)))
            .Where(its => its.place is not { } place || place.Epoch != its.step.Claim.Epoch || place.NextOffset != its.step.From)
            .Select(its => (its.step.Claim, its.place is null or { Owner: null }))];
    }

    private static async Task<Dictionary<int, Place>> PlacesAsync(
        NpgsqlConnection connection, IReadOnlyList<IncomingMessage> messages, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(
            "select partition, epoch, next_offset, owner from ingest_partitions where topic = $1 and topic_id = $2", connection);
        AddTopic(find, messages[0].Claim);
        var places = new Dictionary<int, Place>();
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add(
                reader.GetInt32("partition"),
                new Place(reader.GetInt64("epoch"), reader.GetInt64("next_offset"), reader.IsDBNull("owner") ? null : reader.GetString("owner")));
        }

        return places;
    }

    private static void AddTopic(NpgsqlCommand command, Claim claim)
    {
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = claim.Topic });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = claim.TopicId });
    }

    private static Step[] StepsOf(IReadOnlyList<IncomingMessage> messages)
    {
        var steps = new SortedDictionary<int, Step>();
        foreach (var message in messages)
        {
            var step = steps.GetValueOrDefault(message.Claim.Partition) ?? new Step(message.Claim, message.From);
            steps[message.Claim.Partition] = step;
            step.To = message.To;
            step.RecordAt = message.Timestamp ?? step.RecordAt;
            step.Messages += message.Event is null ? 0 : 1;
            step.DeadLetters += message.Event is null && message.Reason is not null ? 1 : 0;
            step.Erased += message.IsErased ? 1 : 0;
        }

        return [.. steps.Values];
    }

    /// <summary>What the database has of a partition.</summary>
    private readonly record struct Place(long Epoch, long NextOffset, string? Owner);

    /// <summary>How a batch moves one partition.</summary>
    private sealed record Step(Claim Claim, long From)
    {
        public long To { get; set; }

        /// <summary>When its last record was written; UTC.</summary>
        public DateTime? RecordAt { get; set; }

        public int Messages { get; set; }

        public int DeadLetters { get; set; }

        public int Erased { get; set; }
    }
}
