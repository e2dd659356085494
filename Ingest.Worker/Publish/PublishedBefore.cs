using System.Collections;
using System.Security.Cryptography;
using Confluent.Kafka;
using Polly;
using Polly.Retry;
using Publishing;

namespace Ingest.Worker.Publish;

/// <summary>Which slices of a file are on the topic already, told by the topic itself: a bit for each place in the file.</summary>
internal sealed class PublishedBefore
{
    private const int DigestBytes = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A topic that has just been made has no leader for a moment, and Kafka says so instead of where it ends.
    private static readonly ResiliencePipeline UntilItHasLeaders = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<KafkaException>(),
            Delay = TimeSpan.FromMilliseconds(50),
            MaxRetryAttempts = 400,
        })
        .Build();

    private readonly BitArray _indexes = new(0);

    /// <summary>For a run that publishes everything.</summary>
    public static PublishedBefore Nothing { get; } = new();

    /// <summary>The first 16 bytes of the SHA-256 of a file as it is stored.</summary>
    public static async Task<byte[]> DigestAsync(Stream file, CancellationToken cancellationToken) =>
        (await SHA256.HashDataAsync(file, cancellationToken))[..DigestBytes];

    /// <summary>Whether the slice with this index is on the topic.</summary>
    public bool Contains(long index) => index < _indexes.Length && _indexes[(int)index];

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
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        var ends = new Dictionary<int, long>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var at = new TopicPartition(topic, partition);
            var log = UntilItHasLeaders.Execute(_ => consumer.QueryWatermarkOffsets(at, Patience), cancellationToken);
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
                before.Add(EventHeaders.SourceIndexIn(record.Message.Headers, digest));
            }

            if (ends.TryGetValue(partition, out end) && record.Offset.Value >= end - (record.IsPartitionEOF ? 0 : 1) && ends.Remove(partition))
            {
                consumer.IncrementalUnassign([record.TopicPartition]);
            }
        }

        return before;
    }

    private void Add(long? found)
    {
        if (found is not { } index || index is < 0 or > int.MaxValue - 1)
        {
            return;
        }

        if (index >= _indexes.Length)
        {
            _indexes.Length = (int)Math.Min(int.MaxValue, Math.Max(index + 1, 2L * _indexes.Length));
        }

        _indexes[(int)index] = true;
    }
}
