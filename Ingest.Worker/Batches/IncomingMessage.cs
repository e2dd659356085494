using Assessments;
using Confluent.Kafka;
using Publishing;

namespace Ingest.Worker.Batches;

/// <summary>One record of the topic with what it says: an event, or the reason why it is none.</summary>
internal sealed record IncomingMessage
{
    public required Claim Claim { get; init; }

    /// <summary>The place of the partition before this message: where its transaction expects the database to be.</summary>
    public required long From { get; init; }

    /// <summary>The place of the partition after it.</summary>
    public required long To { get; init; }

    public required long Offset { get; init; }

    /// <summary>Kafka's leader epoch of the record; null where the broker tells none, and where there is no record.</summary>
    public int? LeaderEpoch { get; init; }

    /// <summary>Whether it stands for a log that was cut at <see cref="To"/>, which is before <see cref="From"/>.</summary>
    public bool IsCut { get; init; }

    /// <summary>When Kafka says the record was made; UTC.</summary>
    public DateTime? Timestamp { get; init; }

    public byte[]? Key { get; init; }

    public byte[]? Value { get; init; }

    public Headers? Headers { get; init; }

    /// <summary>The event; null for a dead letter.</summary>
    public AttemptEvent? Event { get; init; }

    /// <summary>Why it is a dead letter; null for an event.</summary>
    public string? Reason { get; init; }

    /// <summary>Who or what it erases; null for all but tombstones.</summary>
    public Erasure? Erases { get; init; }

    /// <summary>Whether it is passed over, as it erases or is of somebody who was erased.</summary>
    public bool IsErased { get; init; }

    /// <summary>The dead letter that this message was sent again for; null for every other.</summary>
    public long? ReplayOf { get; init; }

    public int Bytes => (Key?.Length ?? 0) + (Value?.Length ?? 0);

    /// <summary>Takes a record apart. Nothing in it can make this fail.</summary>
    public static IncomingMessage Read(ConsumeResult<byte[]?, byte[]?> record, Claim claim)
    {
        var message = record.Message;
        AttemptEvent? attempt = null;
        Erasure? erases = null;
        var reason = EventHeaders.DeadLetterReasonIn(message.Headers);
        if (reason is null)
        {
            if (message.Value is { } value)
            {
                (attempt, reason) = ReadEvent(value);
            }
            else
            {
                (erases, reason) = Tombstone.Read(message.Key, message.Headers);
            }
        }

        return new IncomingMessage
        {
            Claim = claim,
            From = claim.Position,
            To = record.Offset.Value + 1,
            Offset = record.Offset.Value,
            LeaderEpoch = record.LeaderEpoch,
            Timestamp = TimeOf(message.Timestamp),
            Key = message.Key,
            Value = message.Value,
            Headers = message.Headers,
            Event = attempt,
            Reason = reason,
            Erases = erases,
            ReplayOf = EventHeaders.ReplayOfIn(message.Headers),
        };
    }

    /// <summary>Kafka takes any 64 bits for a time; what no calendar has says nothing.</summary>
    private static DateTime? TimeOf(Timestamp timestamp)
    {
        var (first, last) = ((DateTime.MinValue - DateTime.UnixEpoch).TotalMilliseconds, (DateTime.MaxValue - DateTime.UnixEpoch).TotalMilliseconds);
        return timestamp.Type != TimestampType.NotAvailable && timestamp.UnixTimestampMs >= first && timestamp.UnixTimestampMs < last
            ? DateTime.UnixEpoch.AddMilliseconds(timestamp.UnixTimestampMs)
            : null;
    }

    /// <summary>The key does not matter: others key by student, in upper case or not at all, and an attempt's versions order its events.</summary>
    public static (AttemptEvent? Attempt, string? Reason) ReadEvent(byte[] value)
    {
        try
        {
            return (AttemptEventReader.Read(value), null);
        }
        catch (InvalidEventException invalid)
        {
            return (null, invalid.Reason);
        }
    }
}
