using Confluent.Kafka;
using Ingest.Worker.Batches;
using Publishing;

namespace Ingest.Worker.Merge;

/// <summary>Where a record stands on Kafka, by the topic's id, as a topic made anew has other records at the same offsets.</summary>
internal sealed record RecordPlace(string Topic, string TopicId, int Partition, long Offset);

/// <summary>Reads single records of the topic again, which ingest needs when an event takes an earlier one's keen_id.</summary>
/// <param name="consumer">A consumer of its own, outside of any group; made when the first record is asked for.</param>
internal sealed class EarlierRecords(Func<IConsumer<byte[]?, byte[]?>> consumer) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Lazy<IConsumer<byte[]?, byte[]?>> _consumer = new(consumer);

    /// <summary>The records that stand at some places, in their order; null for one that Kafka no longer has.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    /// <exception cref="TimeoutException">Kafka does not send the record.</exception>
    public async Task<IncomingMessage?[]> ReadAsync(IReadOnlyList<RecordPlace> places, CancellationToken cancellationToken)
    {
        using var admin = new TopicAdmin(_consumer.Value.Handle);
        var topicIds = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var topic in places.Select(place => place.Topic).Distinct(StringComparer.Ordinal))
        {
            topicIds[topic] = await admin.IdOfAsync(topic);
        }

        return await Task.Run(
            () => places.Select(place => topicIds[place.Topic] == place.TopicId ? Read(place, cancellationToken) : null).ToArray(), cancellationToken);
    }

    public void Dispose()
    {
        if (_consumer.IsValueCreated)
        {
            _consumer.Value.Dispose();
        }
    }

    private IncomingMessage? Read(RecordPlace place, CancellationToken cancellationToken)
    {
        var partition = new TopicPartition(place.Topic, place.Partition);
        var offsets = _consumer.Value.QueryWatermarkOffsets(partition, _patience);
        if (place.Offset < offsets.Low.Value || place.Offset >= offsets.High.Value)
        {
            return null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        _consumer.Value.Assign(new TopicPartitionOffset(partition, place.Offset));
        var record = _consumer.Value.Consume(_patience)
            ?? throw new TimeoutException($"Kafka did not send the record at offset {place.Offset} of partition {place.Partition} of {place.Topic}.");
        return record.Offset.Value == place.Offset
            ? IncomingMessage.Read(record, new Claim(place.Topic, place.TopicId, place.Partition, epoch: 0, position: place.Offset, isFresh: false))
            : null;
    }
}
