using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Ingest;

/// <summary>How far ingest has come, in all and by partition.</summary>
internal sealed record IngestProgress(
    [property: Description("The Kafka topic.")] string Topic,
    [property: Description("Sum of the partitions' end offsets.")] long? EndOffset,
    [property: Description("Sum of the partitions' next offsets.")] long NextOffset,
    [property: Description("Records not yet ingested.")] long? Lag,
    [property: Description(
        "Seconds since the last ingested record was written to Kafka; 0 where no record is left to ingest, null where that is not known.")] double? LagSeconds,
    [property: Description("Records ingested per second over the last ten seconds.")] double? Rate,
    [property: Description("Seconds until the lag is ingested at that rate; null while nothing moves.")] double? RemainingSeconds,
    [property: Description("Records that reached the tables.")] long Messages,
    [property: Description("Records that are no events and are kept as dead letters.")] long DeadLetters,
    [property: Description("Redeliveries with other bytes than their event had first; what came first is kept.")] long AlteredRedeliveries,
    [property: Description("The partitions in order.")] IReadOnlyList<PartitionProgress> Partitions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull),
        Description("Why the end offset, and with it the lag, is null.")] string? EndOffsetReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the rate is null.")] string? RateReason = null);

/// <summary>How far ingest has come in one partition.</summary>
internal sealed record PartitionProgress(
    [property: Description("The Kafka topic.")] string Topic,
    [property: Description("The partition's number.")] int Partition,
    [property: Description("The offset that the next record on Kafka will have.")] long? EndOffset,
    [property: Description("The offset of the next record to ingest, committed with the rows before it.")] long NextOffset,
    [property: Description("Records not yet ingested.")] long? Lag,
    [property: Description(
        "Seconds since the last ingested record was written to Kafka; 0 where no record is left to ingest, null where that is not known.")] double? LagSeconds,
    [property: Description("Records ingested per second over the last ten seconds.")] double? Rate,
    [property: Description("Records that reached the tables.")] long Messages,
    [property: Description("Records that are no events and are kept as dead letters.")] long DeadLetters,
    [property: Description("Redeliveries with other bytes than their event had first; what came first is kept.")] long AlteredRedeliveries,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull),
        Description("Why the end offset, and with it the lag, is null.")] string? EndOffsetReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the rate is null.")] string? RateReason = null);
