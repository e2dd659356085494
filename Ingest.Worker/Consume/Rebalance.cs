using Confluent.Kafka;

namespace Ingest.Worker.Consume;

/// <summary>Joins the consumer, which is built with its handlers, and the reader, which is made later and handles the group's decisions.</summary>
internal sealed class Rebalance
{
    /// <summary>Says at which offsets newly assigned partitions are read.</summary>
    public Func<List<TopicPartition>, IEnumerable<TopicPartitionOffset>> Assigned { get; set; } = _ => [];

    public Action<IEnumerable<TopicPartition>> Revoked { get; set; } = _ => { };

    /// <summary>Registers the handlers. They run inside of <c>Consume</c> and <c>Close</c>, on the thread that calls these.</summary>
    public void AddTo(ConsumerBuilder<byte[]?, byte[]?> consumer) => consumer
        .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
        .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions.Select(partition => partition.TopicPartition)))
        .SetPartitionsLostHandler((_, partitions) => Revoked(partitions.Select(partition => partition.TopicPartition)));
}
