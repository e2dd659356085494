using System.Text;
using Analytics.Tests.Kafka.Broker;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

[assembly: AssemblyFixture(typeof(Analytics.Tests.Analytics.Api.KafkaServer))]

namespace Analytics.Tests.Analytics.Api;

/// <summary>One broker for the tests of the API, started when the first of them asks for it.</summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly Lazy<Task<BrokerProcess>> _broker = new(() => BrokerProcess.StartAsync());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The bootstrap address.</summary>
    public async Task<string> AddressAsync() => (await _broker.Value).BootstrapServers;

    /// <summary>Makes a topic under a name of its own.</summary>
    public async Task<string> CreateTopicAsync(int partitions = 1)
    {
        var topic = $"t{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = await AddressAsync() }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
        return topic;
    }

    /// <summary>Kafka's id of a topic.</summary>
    public async Task<string> TopicIdAsync(string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = await AddressAsync() }).SetLogHandler((_, _) => { }).Build();
        return (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]))).TopicDescriptions[0].TopicId.ToString();
    }

    /// <summary>All that a topic's first partition holds.</summary>
    public async Task<List<(string Key, string Value, Headers Headers)>> ReadAllAsync(string topic)
    {
        var config = new ConsumerConfig { BootstrapServers = await AddressAsync(), GroupId = "tests", EnablePartitionEof = true, EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<string, byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<(string, string, Headers)>();
        while (consumer.Consume(TestContext.Current.CancellationToken) is { IsPartitionEOF: false } record)
        {
            records.Add((record.Message.Key, Encoding.UTF8.GetString(record.Message.Value), record.Message.Headers));
        }

        return records;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker.IsValueCreated)
        {
            await (await _broker.Value).DisposeAsync();
        }
    }
}
