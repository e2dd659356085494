using System.Collections;
using Confluent.Kafka;

namespace Ingest.Worker.Publish;

/// <summary>
/// What a file has already put on the topic, told by the topic itself. A publisher writes the events of one partition in the file's order, without a gap, so
/// the greatest index in a partition says that all before it are there. That holds only while the partitions are as many as then: where a message
/// lies in another partition than it would go to now, the indexes themselves decide.
/// </summary>
internal sealed class PublishedBefore
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Dictionary<int, long> _greatest = [];
    private readonly BitArray _indexes = new(0);
    private bool _hasMoved;

    /// <summary>For a run that publishes everything.</summary>
    public static PublishedBefore Nothing { get; } = new();

    /// <summary>Whether the slice with this index, which goes to this partition, is on the topic.</summary>
    public bool Contains(long index, int partition) =>
        _hasMoved ? index < _indexes.Length && _indexes[(int)index] : _greatest.TryGetValue(partition, out var greatest) && index <= greatest;

    /// <summary>Reads the topic from its beginning to where it ends now.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public static Task<PublishedBefore> FindAsync(string servers, string topic, int partitions, byte[] digest, CancellationToken cancellationToken) =>
        Task.Run(() => Find(servers, topic, partitions, digest, cancellationToken), cancellationToken);

    private static PublishedBefore Find(string servers, string topic, int partitions, byte[] digest, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = "publish-once", // librdkafka insists on one; nothing is joined or committed.
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            QueuedMaxMessagesKbytes = 32 * 1024,
        };
        var before = new PublishedBefore();
        using var consumer = new ConsumerBuilder<byte[]?, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        var ends = new Dictionary<int, long>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var log = LogOf(consumer, new TopicPartition(topic, partition));
            if (log.High.Value > log.Low.Value)
            {
                ends.Add(partition, log.High.Value);
            }
        }

        consumer.Assign(ends.Keys.Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        while (ends.Count > 0)
        {
            var record = consumer.Consume(cancellationToken);
            var partition = record.Partition.Value;
            if (!record.IsPartitionEOF && ends.TryGetValue(partition, out var end) && record.Offset.Value < end)
            {
                before.Add(record, digest, partitions);
            }

            if (ends.TryGetValue(partition, out end) && record.Offset.Value >= end - (record.IsPartitionEOF ? 0 : 1) && ends.Remove(partition))
            {
                consumer.IncrementalUnassign([record.TopicPartition]);
            }
        }

        return before;
    }

    /// <summary>A topic that has just been made has no leader for a moment, and Kafka says so instead of where it ends.</summary>
    private static WatermarkOffsets LogOf(IConsumer<byte[]?, Ignore> consumer, TopicPartition partition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return consumer.QueryWatermarkOffsets(partition, s_patience);
            }
            catch (KafkaException) when (TimeProvider.System.GetElapsedTime(started) < s_patience)
            {
                Thread.Sleep(50);
            }
        }
    }

    private void Add(ConsumeResult<byte[]?, Ignore> record, byte[] digest, int partitions)
    {
        if (SourceHeaders.IndexIn(record.Message.Headers, digest) is not { } index || index is < 0 or > int.MaxValue - 1)
        {
            return;
        }

        var partition = record.Partition.Value;
        _greatest[partition] = Math.Max(index, _greatest.GetValueOrDefault(partition));
        _hasMoved |= Partitioner.PartitionOf(record.Message.Key, record.Message.Key is not null, index, partitions) != partition;
        if (index >= _indexes.Length)
        {
            _indexes.Length = (int)Math.Min(int.MaxValue, Math.Max(index + 1, 2L * _indexes.Length));
        }

        _indexes[(int)index] = true;
    }
}
