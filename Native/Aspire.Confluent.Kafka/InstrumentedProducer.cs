using System.Diagnostics;
using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>A producer whose every message is a span with its context in the headers.</summary>
internal sealed class InstrumentedProducer<TKey, TValue>(IProducer<TKey, TValue> producer) : IProducer<TKey, TValue>
{
    public Handle Handle => producer.Handle;

    public string Name => producer.Name;

    public Task<DeliveryResult<TKey, TValue>> ProduceAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken = default)
        => ProduceAsync(new TopicPartition(topic, Partition.Any), message, cancellationToken);

    public async Task<DeliveryResult<TKey, TValue>> ProduceAsync(TopicPartition topicPartition, Message<TKey, TValue> message, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var activity = KafkaTelemetry.StartPublish(topicPartition.Topic, message);
        try
        {
            var result = await producer.ProduceAsync(topicPartition, message, cancellationToken);
            KafkaTelemetry.EndPublish(activity, topicPartition.Topic, started, result.TopicPartitionOffset, error: null);
            return result;
        }
        catch (KafkaException exception)
        {
            KafkaTelemetry.EndPublish(activity, topicPartition.Topic, started, place: null, exception.Error);
            throw;
        }
    }

    public void Produce(string topic, Message<TKey, TValue> message, Action<DeliveryReport<TKey, TValue>>? deliveryHandler = null)
        => Produce(new TopicPartition(topic, Partition.Any), message, deliveryHandler);

    public void Produce(TopicPartition topicPartition, Message<TKey, TValue> message, Action<DeliveryReport<TKey, TValue>>? deliveryHandler = null)
    {
        var started = Stopwatch.GetTimestamp();
        var current = Activity.Current;
        var activity = KafkaTelemetry.StartPublish(topicPartition.Topic, message);

        // The span ends in the delivery report; until then it must not become the parent of what the caller does next.
        Activity.Current = current;
        try
        {
            producer.Produce(topicPartition, message, report =>
            {
                KafkaTelemetry.EndPublish(activity, topicPartition.Topic, started, report.TopicPartitionOffset, report.Error);
                deliveryHandler?.Invoke(report);
            });
        }
        catch (KafkaException exception)
        {
            KafkaTelemetry.EndPublish(activity, topicPartition.Topic, started, place: null, exception.Error);
            throw;
        }
    }

    public int AddBrokers(string brokers) => producer.AddBrokers(brokers);

    public void SetSaslCredentials(string username, string password) => producer.SetSaslCredentials(username, password);

    public int Poll(TimeSpan timeout) => producer.Poll(timeout);

    public int Flush(TimeSpan timeout) => producer.Flush(timeout);

    public void Flush(CancellationToken cancellationToken = default) => producer.Flush(cancellationToken);

    public void InitTransactions(TimeSpan timeout) => producer.InitTransactions(timeout);

    public void BeginTransaction() => producer.BeginTransaction();

    public void CommitTransaction(TimeSpan timeout) => producer.CommitTransaction(timeout);

    public void CommitTransaction() => producer.CommitTransaction();

    public void AbortTransaction(TimeSpan timeout) => producer.AbortTransaction(timeout);

    public void AbortTransaction() => producer.AbortTransaction();

    public void SendOffsetsToTransaction(IEnumerable<TopicPartitionOffset> offsets, IConsumerGroupMetadata groupMetadata, TimeSpan timeout)
        => producer.SendOffsetsToTransaction(offsets, groupMetadata, timeout);

    public void Dispose() => producer.Dispose();
}
