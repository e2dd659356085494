using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Analytics.Api;

/// <summary>Apache Kafka, where it is at hand: tests that need it skip themselves elsewhere.</summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("activity-kafka-").FullName;
    private readonly string _address = $"127.0.0.1:{FreePort()}";
    private Process? _server;

    /// <summary>The bootstrap address; skips the test where there is no Kafka.</summary>
    public string Address
    {
        get
        {
            Assert.SkipWhen(_server is null, "Apache Kafka is not at hand (../shared/kafka).");
            return _address;
        }
    }

    public async ValueTask InitializeAsync()
    {
        var script = Path.Combine(Repository.Root, "..", "shared", "kafka", "kafka");
        if (!File.Exists(script) || !File.Exists("/usr/bin/java"))
        {
            return;
        }

        _server = Process.Start(new ProcessStartInfo(script, ["serve", "4.3.0", _folder, _address.Split(':')[1]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _address }).SetLogHandler((_, _) => { }).Build();
        await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = TimeSpan.FromSeconds(60) });
    }

    /// <summary>Makes a topic of one partition under a name of its own.</summary>
    public async Task<string> CreateTopicAsync(int partitions = 1)
    {
        var topic = $"t{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
        return topic;
    }

    /// <summary>All that a topic's first partition holds.</summary>
    public List<(string Key, string Value, Headers Headers)> ReadAll(string topic)
    {
        var config = new ConsumerConfig { BootstrapServers = Address, GroupId = "tests", EnablePartitionEof = true, EnableAutoCommit = false };
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
        if (_server is not null)
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
