using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

[assembly: AssemblyFixture(typeof(Analytics.Tests.Analytics.Api.KafkaServer))]

namespace Analytics.Tests.Analytics.Api;

/// <summary>Apache Kafka where it is at hand, started when the first test asks for it; tests that need it skip themselves elsewhere.</summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly Lazy<Task<Process?>> _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("activity-kafka-").FullName;
    private readonly int _port = FreePort();

    public KafkaServer() => _server = new(StartAsync);

    private string Bootstrap => $"127.0.0.1:{_port}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The bootstrap address; skips the test where there is no Kafka.</summary>
    public async Task<string> AddressAsync()
    {
        Assert.SkipWhen(await _server.Value is null, "Apache Kafka is not at hand (../shared/kafka).");
        return Bootstrap;
    }

    /// <summary>Makes a topic of one partition under a name of its own.</summary>
    public async Task<string> CreateTopicAsync(int partitions = 1)
    {
        var topic = $"t{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = await AddressAsync() }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
        return topic;
    }

    /// <summary>All that a topic's first partition holds.</summary>
    public List<(string Key, string Value, Headers Headers)> ReadAll(string topic)
    {
        var config = new ConsumerConfig { BootstrapServers = Bootstrap, GroupId = "tests", EnablePartitionEof = true, EnableAutoCommit = false };
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
        if (_server.IsValueCreated && await _server.Value is { } server)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Process?> StartAsync()
    {
        var script = Path.Combine(Repository.Root, "..", "shared", "kafka", "kafka");
        if (!File.Exists(script) || !File.Exists("/usr/bin/java"))
        {
            return null;
        }

        var server = Process.Start(new ProcessStartInfo(script, ["serve", "4.3.0", _folder, $"{_port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Bootstrap }).SetLogHandler((_, _) => { }).Build();
        await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = TimeSpan.FromSeconds(60) });
        return server;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
