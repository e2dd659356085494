using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>librdkafka's clients, as the services use them.</summary>
internal static class Clients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IProducer<Null, string> Producer(BrokerProcess broker, Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = broker.BootstrapServers, EnableIdempotence = true, LingerMs = 0, MessageTimeoutMs = 120_000 };
        configure?.Invoke(config);
        return new ProducerBuilder<Null, string>(config).SetLogHandler((_, _) => { }).Build();
    }

    public static IAdminClient Admin(BrokerProcess broker) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    public static ConsumerConfig ConsumerConfig(BrokerProcess broker, string group) => new()
    {
        BootstrapServers = broker.BootstrapServers,
        GroupId = group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoCommit = false,
    };

    public static IConsumer<Ignore, string> Consumer(BrokerProcess broker, string group) =>
        new ConsumerBuilder<Ignore, string>(ConsumerConfig(broker, group)).SetLogHandler((_, _) => { }).Build();

    public static async Task CreateTopicAsync(BrokerProcess broker, string name, int partitions, params (string Name, string Value)[] settings)
    {
        using var admin = Admin(broker);
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = name,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = settings.ToDictionary(s => s.Name, s => s.Value),
        }]);
    }

    public static async Task ProduceAsync(BrokerProcess broker, string topic, params string[] values)
    {
        using var producer = Producer(broker);
        foreach (var value in values)
        {
            await producer.ProduceAsync(topic, new Message<Null, string> { Value = value }, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>All values of a partition, from its first offset to what is now its end.</summary>
    public static List<string> ReadAll(BrokerProcess broker, string topic, int partition = 0)
    {
        using var consumer = Consumer(broker, "reader");
        var place = new TopicPartition(topic, partition);
        var offsets = consumer.QueryWatermarkOffsets(place, Patience);
        var values = new List<string>();
        consumer.Assign(new TopicPartitionOffset(place, offsets.Low));
        for (long next = offsets.Low; next < offsets.High;)
        {
            var result = consumer.Consume(Patience)
                ?? throw new TimeoutException($"{topic} gave nothing after offset {next} of {offsets.High}");
            values.Add(result.Message.Value);
            next = result.Offset + 1;
        }

        return values;
    }

    public static WatermarkOffsets Watermarks(BrokerProcess broker, string topic)
    {
        using var consumer = Consumer(broker, "reader");
        return consumer.QueryWatermarkOffsets(new TopicPartition(topic, 0), Patience);
    }

    public static async Task<TopicDescription> DescribeAsync(BrokerProcess broker, string topic)
    {
        using var admin = Admin(broker);
        return (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0];
    }
}
