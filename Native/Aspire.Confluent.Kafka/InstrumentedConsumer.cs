using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>A consumer whose every received message is a span linked to its publisher's, and counts in the metrics.</summary>
internal sealed class InstrumentedConsumer<TKey, TValue>(IConsumer<TKey, TValue> consumer, KafkaConsumerSettings settings) : IConsumer<TKey, TValue>
{
    public Handle Handle => consumer.Handle;

    public string Name => consumer.Name;

    public string MemberId => consumer.MemberId;

    public List<TopicPartition> Assignment => consumer.Assignment;

    public List<string> Subscription => consumer.Subscription;

    public IConsumerGroupMetadata ConsumerGroupMetadata => consumer.ConsumerGroupMetadata;

    public ConsumeResult<TKey, TValue> Consume(int millisecondsTimeout)
    {
        var started = DateTimeOffset.UtcNow;
        return Received(consumer.Consume(millisecondsTimeout), started);
    }

    public ConsumeResult<TKey, TValue> Consume(TimeSpan timeout)
    {
        var started = DateTimeOffset.UtcNow;
        return Received(consumer.Consume(timeout), started);
    }

    public ConsumeResult<TKey, TValue> Consume(CancellationToken cancellationToken = default)
    {
        var started = DateTimeOffset.UtcNow;
        return Received(consumer.Consume(cancellationToken), started);
    }

    /// <summary>Neither a time-out, which is null, nor the end of a partition is a message.</summary>
    private ConsumeResult<TKey, TValue> Received(ConsumeResult<TKey, TValue>? result, DateTimeOffset started)
    {
        if (result is { IsPartitionEOF: false })
        {
            var ended = DateTimeOffset.UtcNow;
            if (!settings.DisableTracing)
            {
                KafkaTelemetry.Receive(Name, settings.Config.GroupId, result, started, ended);
            }

            if (!settings.DisableMetrics)
            {
                KafkaTelemetry.Received(result.TopicPartition, ended - started);
            }
        }

        return result!;
    }

    public int AddBrokers(string brokers) => consumer.AddBrokers(brokers);

    public void SetSaslCredentials(string username, string password) => consumer.SetSaslCredentials(username, password);

    public void Subscribe(IEnumerable<string> topics) => consumer.Subscribe(topics);

    public void Subscribe(string topic) => consumer.Subscribe(topic);

    public void Unsubscribe() => consumer.Unsubscribe();

    public void Assign(TopicPartition partition) => consumer.Assign(partition);

    public void Assign(TopicPartitionOffset partition) => consumer.Assign(partition);

    public void Assign(IEnumerable<TopicPartitionOffset> partitions) => consumer.Assign(partitions);

    public void Assign(IEnumerable<TopicPartition> partitions) => consumer.Assign(partitions);

    public void IncrementalAssign(IEnumerable<TopicPartitionOffset> partitions) => consumer.IncrementalAssign(partitions);

    public void IncrementalAssign(IEnumerable<TopicPartition> partitions) => consumer.IncrementalAssign(partitions);

    public void IncrementalUnassign(IEnumerable<TopicPartition> partitions) => consumer.IncrementalUnassign(partitions);

    public void Unassign() => consumer.Unassign();

    public void StoreOffset(ConsumeResult<TKey, TValue> result) => consumer.StoreOffset(result);

    public void StoreOffset(TopicPartitionOffset offset) => consumer.StoreOffset(offset);

    public List<TopicPartitionOffset> Commit() => consumer.Commit();

    public void Commit(IEnumerable<TopicPartitionOffset> offsets) => consumer.Commit(offsets);

    public void Commit(ConsumeResult<TKey, TValue> result) => consumer.Commit(result);

    public void Seek(TopicPartitionOffset tpo) => consumer.Seek(tpo);

    public void Pause(IEnumerable<TopicPartition> partitions) => consumer.Pause(partitions);

    public void Resume(IEnumerable<TopicPartition> partitions) => consumer.Resume(partitions);

    public List<TopicPartitionOffset> Committed(TimeSpan timeout) => consumer.Committed(timeout);

    public List<TopicPartitionOffset> Committed(IEnumerable<TopicPartition> partitions, TimeSpan timeout) => consumer.Committed(partitions, timeout);

    public Offset Position(TopicPartition partition) => consumer.Position(partition);

    public TopicPartitionOffset PositionTopicPartitionOffset(TopicPartition partition) => consumer.PositionTopicPartitionOffset(partition);

    public List<TopicPartitionOffset> OffsetsForTimes(IEnumerable<TopicPartitionTimestamp> timestampsToSearch, TimeSpan timeout) =>
        consumer.OffsetsForTimes(timestampsToSearch, timeout);

    public WatermarkOffsets GetWatermarkOffsets(TopicPartition topicPartition) => consumer.GetWatermarkOffsets(topicPartition);

    public WatermarkOffsets QueryWatermarkOffsets(TopicPartition topicPartition, TimeSpan timeout) => consumer.QueryWatermarkOffsets(topicPartition, timeout);

    public void Close() => consumer.Close();

    public void Dispose() => consumer.Dispose();
}
