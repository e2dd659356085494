using System.ComponentModel;
using System.Text.Json;

namespace Analytics.Api.DeadLetters;

/// <summary>A record that is no event, without its bytes.</summary>
internal record DeadLetter(
    [property: Description("Its number.")] long Id,
    [property: Description("The Kafka topic it came from.")] string Topic,
    [property: Description("The topic's partition.")] int Partition,
    [property: Description("The offset in the partition.")] long Offset,
    [property: Description("The record's own time, UTC.")] DateTimeOffset? Timestamp,
    [property: Description("How many bytes its value has; null if it has no value.")] int? Bytes,
    [property: Description("Why it is no event, in one sentence.")] string Reason,
    [property: Description("When ingest put it aside, UTC.")] DateTimeOffset RecordedAt,
    [property: Description("The file that it was published from; null where it came another way.")] string? File,
    [property: Description("Its line in that file, from 1.")] long? Line,
    [property: Description("When ingest last met it after it was sent again, UTC; null where it was not.")] DateTimeOffset? ReplayedAt,
    [property: Description("When it was an event then, UTC; null while it is none.")] DateTimeOffset? RepairedAt);

/// <summary>A page of dead letters, the newest first.</summary>
internal sealed record DeadLetterPage(
    [property: Description("The page.")] IReadOnlyList<DeadLetter> DeadLetters,
    [property: Description("The cursor of the next page; null on the last.")] long? Next);

/// <summary>Dead letters that have the same cause.</summary>
internal sealed record DeadLetterGroup(
    [property: Description("The reason, with … for places and sizes; give it as `reason` to list them or to send them again.")] string Reason,
    [property: Description("How many there are.")] long Count,
    [property: Description("How many of them are not repaired.")] long Open,
    [property: Description("When the first was put aside, UTC.")] DateTimeOffset First,
    [property: Description("When the last was put aside, UTC.")] DateTimeOffset Last,
    [property: Description("The number of the last.")] long Example,
    [property: Description("The file that the last was published from; null where it came another way.")] string? File,
    [property: Description("The line of the last in that file.")] long? Line);

/// <summary>All groups of dead letters, those with the most open ones first.</summary>
internal sealed record DeadLetterGroups(
    [property: Description("The groups.")] IReadOnlyList<DeadLetterGroup> Groups);

/// <summary>A record that is no event, whole.</summary>
internal sealed record DeadLetterDetail : DeadLetter
{
    public DeadLetterDetail(DeadLetter letter, JsonElement headers, byte[]? key, byte[]? value) : base(letter) =>
        (Headers, Key, Value) = (headers, key, value);

    [Description("The record's headers as ingest kept them.")]
    public JsonElement Headers { get; }

    [Description("The record's key in base64; null if it has none.")]
    public byte[]? Key { get; }

    [Description("The record's value in base64; null if it has none.")]
    public byte[]? Value { get; }
}

/// <summary>A dead letter that is on Kafka again.</summary>
internal sealed record Replay(
    [property: Description("The dead letter's number.")] long Id,
    [property: Description("The topic that it was sent to.")] string Topic,
    [property: Description("The key that it was sent with, its user_exam_id.")] string Key,
    [property: Description("Whether the body of this request was sent in place of the original.")] bool Repaired);

/// <summary>What became of the dead letters of one group.</summary>
internal sealed record GroupReplay(
    [property: Description("How many are events now and were sent again, as Kafka has acknowledged.")] long Sent,
    [property: Description("How many still are none.")] long Refused,
    [property: Description("Why the first of these is none; null where there is none.")] string? Reason,
    [property: Description("The number of the last one looked at.")] long? Last);
