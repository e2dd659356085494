using Confluent.Kafka;
using Ingest.Worker.Batches;
using Ingest.Worker.Merge;

namespace Ingest.Worker.Consume;

/// <summary>
/// Finds out whether a partition's log is still the one that was read. A broker that lost what it had acknowledged goes on at a smaller offset, under another
/// leader epoch: from there on other records stand under offsets that were read.
/// </summary>
internal sealed class LogHistory(EarlierRecords records)
{
    /// <summary>Where the log and what was read of it part; the claim's position if they don't, or if nothing is known of the epochs.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public long PartsAt(Claim claim, CancellationToken cancellationToken)
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
}
