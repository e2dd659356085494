using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Native.Hosting;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Apache Kafka 3.9 in ZooKeeper mode on this server, while either is killed.</summary>
public sealed class ApacheKafkaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kafka_runs_on_it_and_loses_nothing_when_either_is_killed()
    {
        Assert.SkipUnless(ApacheServer.KafkaHome is not null, ApacheServer.MissingReason);
        await using var server = await ServerProcess.StartAsync("maxClientCnxns=0");
        var folder = Directory.CreateTempSubdirectory("apache-kafka-");
        var (port, kafka) = (Ports.Free(), default(Process));
        try
        {
            kafka = Start(folder.FullName, port, server.Address);
            var bootstrap = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
            await UntilRegisteredAsync(server, kafka);
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).SetLogHandler((_, _) => { }).SetErrorHandler(
                (_, _) => { }).Build();
            await admin.CreateTopicsAsync([new() { Name = "on-zookeeper", NumPartitions = 2, ReplicationFactor = 1 }]);
            var resource = new ConfigResource { Type = ResourceType.Topic, Name = "on-zookeeper" };
            await admin.IncrementalAlterConfigsAsync(new()
            {
                [resource] = [new() { Name = "retention.ms", Value = "123456789", IncrementalOperation = AlterConfigOpType.Set }],
            });
            var configs = await admin.DescribeConfigsAsync([resource]);
            Assert.Equal("123456789", configs[0].Entries["retention.ms"].Value);
            await using (var client = await RawClient.ConnectAsync(server.Port))
            {
                Assert.Contains("123456789", (await client.GetAsync("/config/topics/on-zookeeper")).Data, StringComparison.Ordinal);
                Assert.Equal(0, (await client.ExistsAsync("/brokers/topics/on-zookeeper/partitions/1/state")).Error);
            }

            await ProduceAsync(bootstrap, 0);
            server.Kill();
            await ProduceAsync(bootstrap, 1); // Kafka needs no ZooKeeper to produce and consume
            await server.StartAgainAsync();
            await admin.CreatePartitionsAsync([new() { Topic = "on-zookeeper", IncreaseTo = 3 }]);
            await ProduceAsync(bootstrap, 2);

            kafka.Kill(entireProcessTree: true);
            await kafka.WaitForExitAsync(Stop);
            kafka.Dispose();
            await UntilExpiredAsync(server); // Kafka does not start while its last session lives
            kafka = Start(folder.FullName, port, server.Address);
            await ProduceAsync(bootstrap, 3);
            Assert.Equal(Enumerable.Range(0, 400), Consume(bootstrap, 400).Order());
        }
        finally
        {
            kafka?.Kill(entireProcessTree: true);
            kafka?.Dispose();
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(string folder, int port, string zooKeeper)
    {
        var settings = Path.Combine(folder, "server.properties");
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"""
            broker.id=1
            listeners=PLAINTEXT://127.0.0.1:{port}
            zookeeper.connect={zooKeeper}
            zookeeper.session.timeout.ms=4000
            log.dirs={folder}/data
            offsets.topic.num.partitions=1
            offsets.topic.replication.factor=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            group.initial.rebalance.delay.ms=0

            """));
        var start = new ProcessStartInfo(Path.Combine(ApacheServer.KafkaHome!, "bin", "kafka-server-start.sh"), [settings]) { RedirectStandardOutput = true };
        start.Environment["LOG_DIR"] = Path.Combine(folder, "log");
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx400m";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task UntilRegisteredAsync(ServerProcess server, Process kafka)
    {
        await using var client = await RawClient.ConnectAsync(server.Port);
        while ((await client.ExistsAsync("/brokers/ids/1")).Error != 0)
        {
            Assert.False(kafka.HasExited, "Apache Kafka did not start");
            await Task.Delay(50, Stop);
        }
    }

    private static async Task UntilExpiredAsync(ServerProcess server)
    {
        await using var client = await RawClient.ConnectAsync(server.Port);
        if ((await client.ExistsAsync("/brokers/ids/1", watch: true)).Error == 0)
        {
            Assert.Equal("deleted /brokers/ids/1", (await client.EventAsync()).ToString());
        }
    }

    private static async Task ProduceAsync(string bootstrap, int round)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = bootstrap, MessageTimeoutMs = 60_000 })
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, _) => { })
            .Build();
        await Task.WhenAll(Enumerable.Range(round * 100, 100).Select(i => producer.ProduceAsync("on-zookeeper", new() { Value = $"{i}" }, Stop)));
    }

    private static List<int> Consume(string bootstrap, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "group", AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<Ignore, string>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Subscribe("on-zookeeper");
        var (values, started) = (new List<int>(), Stopwatch.GetTimestamp());
        while (values.Count < count && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                values.Add(int.Parse(record.Message.Value, CultureInfo.InvariantCulture));
            }
        }

        consumer.Close();
        return values;
    }
}
