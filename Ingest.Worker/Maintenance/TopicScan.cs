using Confluent.Kafka;
using Publishing;

namespace Ingest.Worker.Maintenance;

/// <summary>Reads a topic outside of any consumer group, from where it begins to a given place.</summary>
internal sealed class TopicScan : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly string _topic;

    public TopicScan(Servers servers)
    {
        _topic = servers.Topic;
        _consumer = servers.OpenTopic();
    }

    /// <summary>Kafka's id of the topic; null where there is no such topic.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<string?> TopicIdAsync()
    {
        using var admin = new TopicAdmin(_consumer.Handle);
        return await admin.IdOfAsync(_topic);
    }

    /// <summary>The offset of the first record that a partition still has.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public long BeginningOf(int partition) => _consumer.QueryWatermarkOffsets(new TopicPartition(_topic, partition), Patience).Low.Value;

    /// <summary>The offset after the last record that a partition has.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public long EndOf(int partition) => _consumer.QueryWatermarkOffsets(new TopicPartition(_topic, partition), Patience).High.Value;

    /// <summary>The partitions of the topic.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public IReadOnlyList<int> Partitions()
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        return [.. admin.GetMetadata(_topic, Patience).Topics.Single().Partitions.Select(partition => partition.PartitionId)];
    }

    /// <summary>The records of a partition before an offset, in their order.</summary>
    /// <exception cref="KafkaException">Kafka can't go on.</exception>
    public IEnumerable<ConsumeResult<byte[]?, byte[]?>> Read(int partition, long end, CancellationToken cancellationToken)
    {
        if (BeginningOf(partition) >= end)
        {
            yield break;
        }

        _consumer.Assign(new TopicPartitionOffset(_topic, partition, Offset.Beginning));
        while (_consumer.Consume(cancellationToken) is { IsPartitionEOF: false } record && record.Offset.Value < end)
        {
            yield return record;
            if (record.Offset.Value == end - 1)
            {
                yield break;
            }
        }
    }

    public void Dispose() => _consumer.Dispose();
}
