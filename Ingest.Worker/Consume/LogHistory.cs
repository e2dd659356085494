using Confluent.Kafka;
using Ingest.Worker.Batches;
using Ingest.Worker.Merge;

namespace Ingest.Worker.Consume;

/// <summary>
/// Finds out whether a partition's log is still the one that was read. A broker that lost what it had acknowledged goes on at a smaller offset, under another
/// leader epoch: from there on other records stand under offsets that were read.
/// </summary>
internal sealed partial class LogHistory(EarlierRecords records, ILogger<LogHistory> logger)
{
    /// <summary>
    /// What stands for records that Kafka does not have. If the log begins later, what lay between is lost; if it ends before, or has other records than were
    /// ingested, it was cut and is read on from there.
    /// </summary>
    /// <returns>A dead letter that says so; without a reason for what was never there for us. Null if Kafka has what comes next.</returns>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IncomingMessage? GapIn(Claim claim, CancellationToken cancellationToken)
    {
        var (low, high) = records.RangeOf(new TopicPartition(claim.Topic, claim.Partition));
        if (claim.Position < low)
        {
            return Gap(claim, low, $"Kafka deleted the offsets {claim.Position} to {low - 1} before they were ingested.");
        }

        if (CutIn(claim, cancellationToken) is { } cut)
        {
            return cut;
        }

        // Nothing is known of its leader epochs: it is read from its beginning, and what comes again is known by its keen_id and counts as redelivered.
        var reason =
            $"Kafka's log ends at offset {high}, before the next one to ingest, {claim.Position}: it was cut, and is ingested again from offset {low}.";
        return claim.Position > high ? Gap(claim, low, reason) : null;
    }

    /// <summary>What stands for the place where a log that was cut and what was ingested of it part; null if its leader epochs tell of no cut.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IncomingMessage? CutIn(Claim claim, CancellationToken cancellationToken)
    {
        var parts = PartsAt(claim, cancellationToken);
        return parts < claim.Position
            ? Gap(claim, parts, $"Kafka's log was cut at offset {parts}, before the next one to ingest, {claim.Position}: what stands there now is ingested.")
            : null;
    }

    /// <summary>Another offset than the next, and why.</summary>
    private IncomingMessage Gap(Claim claim, long next, string reason)
    {
        var isLoss = !(claim.IsFresh && claim.Position == 0);
        if (isLoss)
        {
            LogLost(claim.Partition, claim.Topic, reason);
        }

        var isCut = next < claim.Position;
        if (isCut)
        {
            claim.Read.CutAt(next);
        }

        return new IncomingMessage { Claim = claim, From = claim.Position, To = next, Offset = claim.Position, Reason = isLoss ? reason : null, IsCut = isCut };
    }

    /// <summary>Where the log and what was read of it part; the claim's position if they don't, or if nothing is known of the epochs.</summary>
    private long PartsAt(Claim claim, CancellationToken cancellationToken)
    {
        if (claim.Position == 0 || claim.Read.IsEmpty)
        {
            return claim.Position;
        }

        var partition = new TopicPartition(claim.Topic, claim.Partition);
        var (low, high) = records.RangeOf(partition);
        var end = Math.Min(claim.Position, high);
        if (end <= low || IsSame(end - 1))
        {
            return end < low ? claim.Position : end;
        }

        // The first offset with another record: all before it are the same, all after it are not.
        var (same, other) = (low, end - 1);
        while (same < other)
        {
            var middle = same + (other - same) / 2;
            (same, other) = IsSame(middle) ? (middle + 1, other) : (same, middle);
        }

        return other;

        // What was deleted or compacted away has no epoch that could differ.
        bool IsSame(long offset) => records.EpochAt(partition, offset, end, cancellationToken) is not { } found || claim.Read.Of(found.Offset) is not { } known
            || found.Epoch == known;
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "Partition {Partition} of {Topic}: {Reason}")]
    private partial void LogLost(int partition, string topic, string reason);
}
