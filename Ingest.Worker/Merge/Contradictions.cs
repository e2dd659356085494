using System.Data;
using System.IO.Hashing;
using Assessments;
using Ingest.Worker.Batches;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>What becomes of keen_ids that several attempts claim: the smallest user_exam_id, by its code points, keeps it, whichever came first.</summary>
internal sealed class Contradictions
{
    /// <summary>How the reasons of all such dead letters begin.</summary>
    public const string ReasonStart = "The keen_id belongs to an event of another attempt";

    private readonly Dictionary<string, string> _owners;
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    private Contradictions(Dictionary<string, string> owners) => _owners = owners;

    /// <summary>Deliveries of events that were in the tables until a smaller user_exam_id came, the first of each before its redeliveries.</summary>
    public List<IncomingMessage> TakenBack { get; } = [];

    /// <summary>
    /// By user_exam_id the event that an attempt goes back to, where the one it was made of is taken back and it has another, and how often that came again.
    /// </summary>
    public Dictionary<string, (IncomingMessage Message, int Redeliveries)> Restored { get; } = new(StringComparer.Ordinal);

    /// <summary>Events that state anew the answer keys that are taken back.</summary>
    public List<IncomingMessage> KeySources { get; } = [];

    /// <summary>All that was read from Kafka again.</summary>
    public IReadOnlyList<AttemptEvent> EventsReadAgain =>
        [.. TakenBack.Concat(Restored.Values.Select(restored => restored.Message)).Concat(KeySources).Select(message => message.Event!)];

    /// <summary>
    /// Decides, and reads from Kafka again what must be taken back. What Kafka no longer has can't be: then the attempt that came first keeps the keen_id.
    /// </summary>
    public static async Task<Contradictions> FindAsync(
        NpgsqlConnection connection, EarlierRecords records, KnownRows known, IReadOnlyList<AttemptEvent> events, CancellationToken cancellationToken)
    {
        var found = new Contradictions(OwnersOf(known, events));
        var yielding = Yielding(known, found._owners);
        if (yielding.Count > 0)
        {
            await found.TakeBackAsync(connection, records, known, yielding, cancellationToken);
        }

        return found;
    }

    /// <summary>The known events whose keen_id a smaller user_exam_id of the batch claims.</summary>
    public static List<string> Yielding(KnownRows known, Dictionary<string, string> owners) =>
        [.. known.Events.Where(stored => stored.Value.UserExamId != owners[stored.Key]).Select(stored => stored.Key)];

    /// <summary>Whose each of the batch's keen_ids is.</summary>
    public static Dictionary<string, string> OwnersOf(KnownRows known, IReadOnlyList<AttemptEvent> events)
    {
        var owners = new Dictionary<string, string>(events.Count, StringComparer.Ordinal);
        foreach (var attempt in events)
        {
            var owner = owners.TryGetValue(attempt.KeenId, out var other) ? other
                : known.Events.TryGetValue(attempt.KeenId, out var stored) ? stored.UserExamId : attempt.UserExamId;
            owners[attempt.KeenId] = CodePointOrder.Compare(attempt.UserExamId, owner) < 0 ? attempt.UserExamId : owner;
        }

        return owners;
    }

    /// <summary>Why an event is a dead letter; null if the keen_id is its own.</summary>
    public string? ReasonAgainst(AttemptEvent attempt)
    {
        var owner = _owners[attempt.KeenId];
        return owner == attempt.UserExamId ? null
            : ReasonBeginning(attempt.KeenId) + ReasonEnd(owner)
                + (_kept.Contains(attempt.KeenId) ? ", which came first and whose records can't be read from Kafka again." : ".");
    }

    /// <summary>How the reasons of all dead letters begin that claim a keen_id.</summary>
    public static string ReasonBeginning(string keenId) => $"{ReasonStart}: {Quote(keenId)}";

    /// <summary>What the reasons of all dead letters say whose keen_id belongs to an attempt.</summary>
    public static string ReasonEnd(string owner) => $" is of the attempt {Quote(owner)}";

    public static long HashOf(IncomingMessage message) => unchecked((long)XxHash64.HashToUInt64(message.Value));

    private static string Quote(string id) => $"\"{id.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private async Task TakeBackAsync(
        NpgsqlConnection connection, EarlierRecords records, KnownRows known, List<string> yielding, CancellationToken cancellationToken)
    {
        var deliveries = await DeliveriesAsync(connection, yielding, cancellationToken);
        var older = await OlderAsync(connection, yielding, cancellationToken);
        var sources = await KeySourcesAsync(connection, yielding, cancellationToken);
        var places = deliveries.Concat(older).Concat(sources).Select(delivery => delivery.Place).OfType<RecordPlace>();
        var read = await records.ReadAsync(places, cancellationToken);
        foreach (var attempt in yielding.GroupBy(keenId => known.Events[keenId].UserExamId))
        {
            var its = deliveries.Where(delivery => attempt.Contains(delivery.KeenId)).ToList();
            var isCurrent = known.Attempts.TryGetValue(attempt.Key, out var stored) && attempt.Contains(stored.KeenId);
            var previous = isCurrent ? older.Find(delivery => delivery.UserExamId == attempt.Key) : null;
            if (its.Append(previous).Any(delivery => delivery is not null && Read(delivery) is null))
            {
                foreach (var keenId in attempt)
                {
                    _owners[keenId] = attempt.Key;
                    _kept.Add(keenId);
                }

                continue;
            }

            TakenBack.AddRange(its.Select(delivery => Read(delivery)!));
            if (previous is not null)
            {
                Restored.Add(attempt.Key, (Read(previous)!, previous.Redeliveries));
            }
        }

        if (TakenBack.Count > 0)
        {
            KeySources.AddRange(sources.Select(Read).OfType<IncomingMessage>());
        }

        IncomingMessage? Read(Delivery delivery) =>
            delivery.Place is { } place && read.TryGetValue(place, out var record) && delivery.Is(record) ? record : null;
    }

    /// <summary>Each delivery of the events; a place of its own for those that were ingested before places were kept, which can't be read.</summary>
    private static Task<List<Delivery>> DeliveriesAsync(NpgsqlConnection connection, List<string> keenIds, CancellationToken cancellationToken) => QueryAsync(
        connection,
        """
        select keen_id, user_exam_id, redeliveries, topic, topic_id, partition, place_id, kafka_offset, content_hash
        from (
          select keen_id, user_exam_id, redeliveries, place_id, kafka_offset, content_hash, 0 as number from events where keen_id = any($1)
          union all
          select keen_id, user_exam_id, redeliveries, again.place_id, again.kafka_offset, null, number
          from events cross join lateral generate_series(1, redeliveries) as number
            left join (
              select keen_id, place_id, kafka_offset, row_number() over (partition by keen_id order by place_id, kafka_offset) as number
              from redeliveries where keen_id = any($1)) as again using (keen_id, number)
          where keen_id = any($1)) as deliveries
          left join ingest_partitions using (place_id)
        order by keen_id, number
        """,
        keenIds,
        cancellationToken);

    /// <summary>The newest event that each of the attempts keeps besides these, if it has any.</summary>
    private static Task<List<Delivery>> OlderAsync(NpgsqlConnection connection, List<string> keenIds, CancellationToken cancellationToken) => QueryAsync(
        connection,
        """
        select distinct on (user_exam_id) keen_id, user_exam_id, redeliveries, topic, topic_id, partition, place_id, kafka_offset, content_hash
        from events left join ingest_partitions using (place_id)
        where not is_newest and user_exam_id in (select user_exam_id from events where keen_id = any($1)) and keen_id <> all($1)
        order by user_exam_id, version desc, keen_id desc
        """,
        keenIds,
        cancellationToken);

    /// <summary>Of each question whose key one of the events states, the newest event that an attempt is made of and that shows the question.</summary>
    private static Task<List<Delivery>> KeySourcesAsync(NpgsqlConnection connection, List<string> keenIds, CancellationToken cancellationToken) => QueryAsync(
        connection,
        """
        select distinct newest.keen_id, user_exam_id, redeliveries, topic, topic_id, partition, place_id, kafka_offset, content_hash
        from item_keys join items using (item_id) cross join lateral (
            select *
            from events
            where events.exam_id = items.exam_id and is_newest and items.item_id = any(item_ids) and events.keen_id <> all($1)
            order by version desc, events.keen_id desc
            limit 1) as newest
          left join ingest_partitions using (place_id)
        where item_keys.keen_id = any($1)
        """,
        keenIds,
        cancellationToken);

    private static async Task<List<Delivery>> QueryAsync(
        NpgsqlConnection connection, string sql, List<string> keenIds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keenIds] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<Delivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var place = reader.IsDBNull("topic") || reader.IsDBNull("kafka_offset") ? null : new RecordPlace(
                reader.GetString("topic"), reader.GetString("topic_id"), reader.GetInt32("partition"), reader.GetInt32("place_id"),
                reader.GetInt64("kafka_offset"));
            deliveries.Add(new Delivery(
                reader.GetString("keen_id"), reader.GetString("user_exam_id"), reader.GetInt32("redeliveries"), place,
                reader.GetFieldValue<long?>("content_hash")));
        }

        return deliveries;
    }

    /// <summary>A record that the tables were made of.</summary>
    private sealed record Delivery(string KeenId, string UserExamId, int Redeliveries, RecordPlace? Place, long? Hash)
    {
        /// <summary>Whether a record that was read again is this one: a log that was cut has others at the same offsets.</summary>
        public bool Is(IncomingMessage record) => record.Event is { } read && read.KeenId == KeenId && read.UserExamId == UserExamId
            && (Hash is not { } hash || HashOf(record) == hash);
    }
}
