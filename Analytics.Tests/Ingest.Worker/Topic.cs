using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A topic of a test's own, as a plain client sees it.</summary>
internal sealed class Topic(string servers, string name)
{
    public string Servers => servers;

    public string Name => name;

    /// <summary>What a verb of the worker needs to find the topic and its tables.</summary>
    public (string Name, string Value)[] Settings(ActivityDatabase database) =>
        [("ConnectionStrings__kafka", servers), ("ConnectionStrings__activity", database.ConnectionString), ("Ingest__Topic", name)];

    public static async Task<Topic> CreateAsync(string servers, int partitions = 3, params (string Name, string Value)[] settings)
    {
        var topic = new Topic(servers, $"t{Guid.NewGuid():N}");
        using var admin = Admin(servers);
        await admin.CreateTopicsAsync(
            [new TopicSpecification { Name = topic.Name, NumPartitions = partitions, ReplicationFactor = 1,
            Configs = settings.ToDictionary(setting => setting.Name, setting => setting.Value) }]);
        return topic;
    }

    public async Task GrowAsync(int partitions)
    {
        using var admin = Admin(servers);
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = name, IncreaseTo = partitions }]);
    }

    /// <summary>Deletes what lies before an offset, as retention does.</summary>
    public async Task DeleteBeforeAsync(int partition, long offset)
    {
        using var admin = Admin(servers);
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(name, partition, offset)]);
    }

    /// <summary>Writes events under their attempts as keys, in this order.</summary>
    public Task WriteAsync(IEnumerable<TestEvent> events, int? partition = null) =>
        WriteAsync(events.Select(message => ((byte[]?)Key(message.Attempt), (byte[]?)message.Json(), (Headers?)null)), partition);

    /// <summary>Writes any messages.</summary>
    public async Task WriteAsync(IEnumerable<(byte[]? Key, byte[]? Value, Headers? Headers)> messages, int? partition = null)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(
            new ProducerConfig { BootstrapServers = servers, EnableIdempotence = true, LingerMs = 5 }).SetLogHandler((_, _) => { }).Build();
        var deliveries = messages
            .Select(message => producer.ProduceAsync(
                new TopicPartition(name, partition is { } one ? new Partition(one) : Partition.Any),
                new Message<byte[]?, byte[]?> { Key = message.Key!, Value = message.Value!, Headers = message.Headers },
                Deadline.Token))
            .ToList();
        await Task.WhenAll(deliveries);
    }

    /// <summary>All that the topic holds, by partition and offset.</summary>
    public List<ConsumeResult<byte[]?, byte[]?>> ReadAll()
    {
        var config = new ConsumerConfig { BootstrapServers = servers, GroupId = "tests", EnablePartitionEof = true, EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).Build();
        using var admin = Admin(servers);
        var open = admin.GetMetadata(name, TimeSpan.FromSeconds(30)).Topics[0].Partitions.Select(partition => partition.PartitionId).ToHashSet();
        consumer.Assign(open.Select(partition => new TopicPartitionOffset(name, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        var deadline = Deadline.Token;
        while (open.Count > 0)
        {
            var record = consumer.Consume(deadline);
            if (record.IsPartitionEOF)
            {
                open.Remove(record.Partition.Value);
            }
            else
            {
                records.Add(record);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    public static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    private static IAdminClient Admin(string servers) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();
}
