using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Kafka.Broker;

public sealed class DurabilityTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_the_broker_is_killed_in_the_middle()
    {
        const int Records = 20_000;
        const int Kills = 3;
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "killed", 1);
        using var producer = Clients.Producer(broker, c => c.BatchNumMessages = 50);
        var acknowledged = 0;
        var failed = 0;
        TaskCompletionSource[] reached =
            [.. Enumerable.Range(0, Kills).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        var producing = Task.Run(
            () =>
            {
                for (var i = 0; i < Records; i++)
                {
                    producer.Produce("killed", new Message<Null, string> { Value = $"{i}" }, report =>
                    {
                        failed += report.Error.IsError ? 1 : 0;
                        acknowledged++;
                        if (acknowledged % (Records / (Kills + 1)) == 0 && acknowledged / (Records / (Kills + 1)) is var kill and <= Kills)
                        {
                            reached[kill - 1].SetResult();
                        }
                    });
                }

                producer.Flush(Stop);
            },
            Stop);
        foreach (var point in reached)
        {
            await point.Task.WaitAsync(Stop);
            await broker.RestartAsync();
        }

        await producing;
        Assert.Equal(0, failed);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"{i}"), Clients.ReadAll(broker, "killed"));
    }

    [Theory]
    [InlineData("half a batch")]
    [InlineData("a whole batch with a wrong CRC")]
    [InlineData("zeros")]
    public async Task A_torn_tail_is_cut_at_the_last_whole_batch(string tail)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "torn", "one", "two", "three");
        broker.Kill();
        var log = Path.Combine(broker.DataFolder, "torn-0", "00000000000000000000.log");
        var whole = new FileInfo(log).Length;
        var batch = RawClient.Batch(-1, -1, -1, "lost");
        batch[7] = 3; // the offset that it would have
        var torn = tail switch
        {
            "zeros" => new byte[5000],
            "half a batch" => batch[..^10],
            _ => [.. batch[..^1], (byte)~batch[^1]],
        };
        await using (FileStream file = new(log, FileMode.Append))
        {
            await file.WriteAsync(torn, Stop);
        }

        await broker.RestartAsync();
        Assert.Equal(whole, new FileInfo(log).Length);
        await Clients.ProduceAsync(broker, "torn", "four");
        Assert.Equal(["one", "two", "three", "four"], Clients.ReadAll(broker, "torn"));
    }

    [Fact]
    public async Task Lost_indexes_are_built_anew_from_the_log()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        string[] values = [.. Enumerable.Range(0, 300).Select(i => $"{i}:{new string('x', 200)}")];
        await Clients.ProduceAsync(broker, "indexed", values);
        broker.Kill();
        var index = Path.Combine(broker.DataFolder, "indexed-0", "00000000000000000000.index");
        var before = await File.ReadAllBytesAsync(index, Stop);
        File.Delete(index);

        await broker.RestartAsync();
        Assert.NotEmpty(before);
        Assert.Equal(before, await File.ReadAllBytesAsync(index, Stop));
        Assert.Equal(values, Clients.ReadAll(broker, "indexed"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_keeps_topics_their_ids_records_and_committed_offsets(bool isKilled)
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "kept", 3, ("retention.ms", "123456789"));
        await Clients.CreateTopicAsync(broker, "deleted", 2);
        var id = (await Clients.DescribeAsync(broker, "kept")).TopicId;
        using (var admin = Clients.Admin(broker))
        {
            await admin.DeleteTopicsAsync(["deleted"]);
            await admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets("group", [new TopicPartitionOffset("kept", 1, 0)])]);
        }

        if (isKilled)
        {
            broker.Kill();
        }
        else
        {
            Assert.Equal(0, await broker.StopAsync());
            Assert.True(File.Exists(Path.Combine(broker.DataFolder, ".kafka_cleanshutdown")));
        }

        await broker.RestartAsync();
        var topic = await Clients.DescribeAsync(broker, "kept");
        Assert.Equal(id.ToString(), topic.TopicId.ToString());
        Assert.Equal(3, topic.Partitions.Count);
        using var after = Clients.Admin(broker);
        Assert.DoesNotContain(after.GetMetadata(TimeSpan.FromSeconds(30)).Topics, t => t.Topic == "deleted");
        var offsets = await after.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions("group", null)]);
        Assert.Equal(new TopicPartitionOffset("kept", 1, 0), Assert.Single(offsets[0].Partitions).TopicPartitionOffset);
        var configs = await after.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = "kept" }]);
        Assert.Equal("123456789", configs[0].Entries["retention.ms"].Value);
    }

    [Fact]
    public async Task Segments_over_the_retention_size_are_deleted()
    {
        await using var broker = await BrokerProcess.StartAsync("--set", "log.retention.check.interval.ms=20");
        await Clients.CreateTopicAsync(broker, "small", 1, ("segment.bytes", "10000"), ("retention.bytes", "30000"));
        await Clients.ProduceAsync(broker, "small", [.. Enumerable.Range(0, 100).Select(i => $"{i}:{new string('x', 1000)}")]);

        var folder = Path.Combine(broker.DataFolder, "small-0");
        while (Directory.GetFiles(folder, "*.log").Sum(f => new FileInfo(f).Length) > 40_000)
        {
            await Task.Delay(10, Stop);
        }

        var offsets = Clients.Watermarks(broker, "small");
        Assert.Equal(100, offsets.High);
        Assert.InRange(offsets.Low.Value, 60, 90);
        Assert.StartsWith($"{offsets.Low.Value}:", Clients.ReadAll(broker, "small")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_older_than_the_retention_time_are_deleted()
    {
        await using var broker = await BrokerProcess.StartAsync("--set", "log.retention.check.interval.ms=20");
        await Clients.CreateTopicAsync(broker, "old", 1, ("retention.ms", "3600000"));
        using var producer = Clients.Producer(broker);
        var yesterday = new Timestamp(DateTimeOffset.UtcNow.AddDays(-1));
        await producer.ProduceAsync("old", new Message<Null, string> { Value = "old", Timestamp = yesterday }, Stop);
        while (Clients.Watermarks(broker, "old").Low < 1)
        {
            await Task.Delay(10, Stop);
        }

        await producer.ProduceAsync("old", new Message<Null, string> { Value = "new" }, Stop);
        Assert.Equal(["new"], Clients.ReadAll(broker, "old"));
    }

    [Fact]
    public async Task A_folder_of_another_broker_is_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("kafka-broker-").FullName;
        var partition = Directory.CreateDirectory(Path.Combine(folder, "precious-0")).FullName;
        await File.WriteAllTextAsync(Path.Combine(partition, "partition.metadata"), "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n", Stop);
        var (code, error) = await RunAsync(folder, "127.0.0.1:0");
        Assert.Equal(2, code);
        Assert.Contains("another broker's", error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(partition));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_kill()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "shortened", "one", "two", "three");
        using (var admin = Clients.Admin(broker))
        {
            await admin.DeleteRecordsAsync([new TopicPartitionOffset("shortened", 0, 2)]);
        }

        await broker.RestartAsync();
        Assert.Equal(["three"], Clients.ReadAll(broker, "shortened"));
    }

    [Fact]
    public async Task A_second_broker_on_the_folder_or_the_port_says_so_and_exits_with_2()
    {
        await using var broker = await BrokerProcess.StartAsync();
        var (code, error) = await RunAsync(broker.DataFolder, "127.0.0.1:0");
        Assert.Equal(2, code);
        Assert.Contains("in use by another broker", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);

        var other = Directory.CreateTempSubdirectory("kafka-broker-").FullName;
        (code, error) = await RunAsync(other, broker.BootstrapServers);
        Directory.Delete(other, recursive: true);
        Assert.Equal(2, code);
        Assert.Contains("Can't listen on " + broker.BootstrapServers, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Error)> RunAsync(string folder, string listen, params string[] options)
    {
        using var process = Process.Start(BrokerProcess.CommandLine(folder, listen, options))!;
        var error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, error);
    }
}
