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
    [property: Description("When ingest put it aside, UTC.")] DateTimeOffset RecordedAt);

/// <summary>A page of dead letters, the newest first.</summary>
internal sealed record DeadLetterPage(
    [property: Description("The page.")] IReadOnlyList<DeadLetter> DeadLetters,
    [property: Description("The cursor of the next page; null on the last.")] long? Next);

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
