using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>A producer whose every message is a span with its context in the headers, and counts in the metrics.</summary>
internal sealed class InstrumentedProducer<TKey, TValue>(IProducer<TKey, TValue> producer, KafkaProducerSettings settings) : IProducer<TKey, TValue>
{
    public Handle Handle => producer.Handle;

    public string Name => producer.Name;

    public Task<DeliveryResult<TKey, TValue>> ProduceAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken = default)
        => ProduceAsync(new TopicPartition(topic, Partition.Any), message, cancellationToken);

    public async Task<DeliveryResult<TKey, TValue>> ProduceAsync(
        TopicPartition topicPartition, Message<TKey, TValue> message, CancellationToken cancellationToken = default)
    {
        var send = Start(topicPartition, message);
        try
        {
            var result = await producer.ProduceAsync(topicPartition, message, cancellationToken).ConfigureAwait(false);
            send.End(failure: null);
            return result;
        }
        catch (Exception exception)
        {
            send.End(exception);
            throw;
        }
    }

    public void Produce(string topic, Message<TKey, TValue> message, Action<DeliveryReport<TKey, TValue>>? deliveryHandler = null)
        => Produce(new TopicPartition(topic, Partition.Any), message, deliveryHandler);

    /// <summary>The span ends as the message is in librdkafka's queue; what comes of it is in the delivery report.</summary>
    public void Produce(TopicPartition topicPartition, Message<TKey, TValue> message, Action<DeliveryReport<TKey, TValue>>? deliveryHandler = null)
    {
        var send = Start(topicPartition, message);
        try
        {
            producer.Produce(topicPartition, message, deliveryHandler);
            send.End(failure: null);
        }
        catch (Exception exception)
        {
            send.End(exception);
            throw;
        }
    }

    private SendTelemetry Start(TopicPartition partition, Message<TKey, TValue> message)
    {
        var activity = settings.DisableTracing ? null : KafkaTelemetry.StartPublish(Name, partition, message.Key, message);
        return new SendTelemetry(activity, partition, metrics: !settings.DisableMetrics);
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
