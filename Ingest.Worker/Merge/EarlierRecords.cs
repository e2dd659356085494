using Confluent.Kafka;
using Ingest.Worker.Batches;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>Where a record stands on Kafka, by the topic's id, as a topic made anew has other records at the same offsets.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="TopicId">The topic's id.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="PlaceId">The partition's key in the database.</param>
/// <param name="Offset">Its offset.</param>
internal sealed record RecordPlace(string Topic, string TopicId, int Partition, int PlaceId, long Offset);

/// <summary>
/// Reads single records of the topic again, which ingest needs when an event takes an earlier one's keen_id, and to see whether a log is still the same.
/// </summary>
/// <param name="consumer">Makes a consumer of its own, outside of any group, that tells the ends of partitions, when the first record is asked for.</param>
internal sealed class EarlierRecords(Func<IConsumer<byte[]?, byte[]?>> consumer)
{
    // In offsets: what lies closer is read on to, what is farther away is fetched anew.
    private const long FarAway = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Lazy<IConsumer<byte[]?, byte[]?>> _consumer = new(consumer);
    private readonly Lock _reading = new();

    /// <summary>The records that stand at some places, without those that Kafka no longer has.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    /// <exception cref="TimeoutException">Kafka does not send a record.</exception>
    public async Task<Dictionary<RecordPlace, IncomingMessage>> ReadAsync(IEnumerable<RecordPlace> places, CancellationToken cancellationToken)
    {
        using var admin = new TopicAdmin(_consumer.Value.Handle);
        var read = new Dictionary<RecordPlace, IncomingMessage>();
        foreach (var topic in places.Distinct().GroupBy(place => place.Topic))
        {
            var id = await admin.IdOfAsync(topic.Key);
            foreach (var partition in topic.Where(place => place.TopicId == id).GroupBy(place => place.Partition))
            {
                RecordPlace[] inOrder = [.. partition.OrderBy(place => place.Offset)];
                await Task.Run(() => Read(new TopicPartition(topic.Key, partition.Key), inOrder, read, cancellationToken), cancellationToken);
            }
        }

        return read;
    }

    /// <summary>The first offset that a partition has, and the one after its last.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public (long Low, long High) RangeOf(TopicPartition partition)
    {
        var range = _consumer.Value.QueryWatermarkOffsets(partition, Patience);
        return (range.Low.Value, range.High.Value);
    }

    /// <summary>The leader epoch of the first record from an offset on; null if there is none before the end, or the broker tells no epochs.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public (long Offset, int Epoch)? EpochAt(TopicPartition partition, long offset, long end, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            _consumer.Value.Assign(new TopicPartitionOffset(partition, offset));
            try
            {
                var record = Consume(partition, offset, cancellationToken);
                return !record.IsPartitionEOF && record.Offset.Value < end && record.LeaderEpoch is { } epoch ? (record.Offset.Value, epoch) : null;
            }
            finally
            {
                _consumer.Value.Unassign();
            }
        }
    }

    private void Read(TopicPartition partition, RecordPlace[] places, Dictionary<RecordPlace, IncomingMessage> read, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            ReadInOrder(partition, places, read, cancellationToken);
        }
    }

    private void ReadInOrder(TopicPartition partition, RecordPlace[] places, Dictionary<RecordPlace, IncomingMessage> read, CancellationToken cancellationToken)
    {
        var kept = _consumer.Value.QueryWatermarkOffsets(partition, Patience);
        long? next = null;
        foreach (var place in places.Where(place => place.Offset >= kept.Low.Value && place.Offset < kept.High.Value))
        {
            if (next is not { } position || place.Offset - position > FarAway)
            {
                _consumer.Value.Assign(new TopicPartitionOffset(partition, place.Offset));
            }

            var record = Consume(partition, place.Offset, cancellationToken);
            var isThere = !record.IsPartitionEOF && record.Offset.Value == place.Offset;
            next = isThere ? place.Offset + 1 : null;
            if (isThere)
            {
                var claim =
                    new Claim(place.Topic, place.TopicId, place.Partition, epoch: 0, position: place.Offset, isFresh: false) { PlaceId = place.PlaceId };
                read.Add(place, IncomingMessage.Read(record, claim));
            }
        }

        _consumer.Value.Unassign();
    }

    /// <summary>The record at an offset, or the first after it, or the end of the partition.</summary>
    private ConsumeResult<byte[]?, byte[]?> Consume(TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = _consumer.Value.Consume(Patience)
                ?? throw new TimeoutException(
                    $"Kafka did not send the record at offset {offset} of partition {partition.Partition.Value} of {partition.Topic}.");
            if (record.IsPartitionEOF || record.Offset.Value >= offset)
            {
                return record;
            }
        }
    }
}
