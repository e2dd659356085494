using Ingest.Worker.Merge;

namespace Ingest.Worker.Maintenance;

/// <summary>
/// What the tables must have of the topic's records, which stand in topic_records. An event that the database refused, or that contradicts another, is a
/// dead letter.
/// </summary>
internal static class TopicChecks
{
    private const string Events = """
        (select topic_records.* from topic_records
          where keen_id is not null and not exists (
            select from dead_letters where (dead_letters.topic_id, dead_letters.partition, dead_letters.kafka_offset)
              = (topic_records.topic_id, topic_records.partition, topic_records.kafka_offset)))
        """;

    private const string IsRefused = $"""
        exists (select from dead_letters where reason not like '{Contradictions.ReasonStart}%'
          and (dead_letters.topic_id, dead_letters.partition, dead_letters.kafka_offset)
            = (topic_records.topic_id, topic_records.partition, topic_records.kafka_offset))
        """;

    /// <summary>For a topic that holds everything that the tables were made of.</summary>
    public static IReadOnlyList<Check> OfWholeTopic { get; } =
    [
        new(
            "messages of each partition",
            "select topic_id, partition, messages from ingest_partitions where messages > 0",
            $"select topic_id, partition, count(*) from {Events} as events group by 1, 2"),
        new(
            "records of the erased in each partition",
            "select topic_id, partition, erased from ingest_partitions where erased > 0",
            "select topic_id, partition, count(*) from topic_records where is_erased group by 1, 2"),
        new(
            "events and their redeliveries",
            "select keen_id, user_exam_id, redeliveries from events",
            $"select keen_id, min(user_exam_id), (count(*) - 1)::int from {Events} as events group by 1"),
        new(
            "the attempt of each event",
            "select keen_id, user_exam_id from events",
            $"select keen_id, min(user_exam_id) from topic_records where keen_id is not null and not {IsRefused} group by 1"),
        new(
            "the newest event of each attempt",
            "select user_exam_id, keen_id from attempts",
            $"select distinct on (user_exam_id) user_exam_id, keen_id from {Events} as events order by user_exam_id, version desc, keen_id desc"),
        new(
            "dead letters",
            "select topic_id, partition, kafka_offset from dead_letters where num_nonnulls(key, value, kafka_timestamp) > 0", // All but those of gaps.
            """
            select topic_id, partition, kafka_offset from topic_records where keen_id is null and not is_erased
            union all
            select topic_id, partition, kafka_offset from topic_records join dead_letters using (topic_id, partition, kafka_offset) where keen_id is not null
            """),
    ];

    /// <summary>For a topic of which a part is gone: what is left of it must be in the tables.</summary>
    public static IReadOnlyList<Check> OfRest { get; } =
    [
        new(
            "events",
            $"select distinct keen_id from {Events} as events where keen_id in (select keen_id from events)",
            $"select distinct keen_id from {Events} as events"),
        new(
            "dead letters",
            """
            select topic_id, partition, kafka_offset from topic_records
            where keen_id is null and not is_erased and (topic_id, partition, kafka_offset) in (select topic_id, partition, kafka_offset from dead_letters)
            """,
            "select topic_id, partition, kafka_offset from topic_records where keen_id is null and not is_erased"),
    ];
}
