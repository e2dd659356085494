using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Kafka.Broker;

public sealed class TopicSettingTests
{
    private const short None = 0;
    private const short InvalidRecord = 87;

    /// <summary>What a topic of Apache Kafka 4.3.0 has without settings of its own (`kafka-configs.sh --describe --all`).</summary>
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["cleanup.policy"] = "delete",
        ["compression.gzip.level"] = "-1",
        ["compression.lz4.level"] = "9",
        ["compression.type"] = "producer",
        ["compression.zstd.level"] = "3",
        ["delete.retention.ms"] = "86400000",
        ["file.delete.delay.ms"] = "60000",
        ["flush.messages"] = "9223372036854775807",
        ["flush.ms"] = "9223372036854775807",
        ["follower.replication.throttled.replicas"] = "",
        ["index.interval.bytes"] = "4096",
        ["leader.replication.throttled.replicas"] = "",
        ["local.retention.bytes"] = "-2",
        ["local.retention.ms"] = "-2",
        ["max.compaction.lag.ms"] = "9223372036854775807",
        ["max.message.bytes"] = "1048588",
        ["message.timestamp.after.max.ms"] = "3600000",
        ["message.timestamp.before.max.ms"] = "9223372036854775807",
        ["message.timestamp.type"] = "CreateTime",
        ["min.cleanable.dirty.ratio"] = "0.5",
        ["min.compaction.lag.ms"] = "0",
        ["min.insync.replicas"] = "1",
        ["preallocate"] = "false",
        ["remote.log.copy.disable"] = "false",
        ["remote.log.delete.on.disable"] = "false",
        ["remote.storage.enable"] = "false",
        ["retention.bytes"] = "-1",
        ["retention.ms"] = "604800000",
        ["segment.bytes"] = "1073741824",
        ["segment.index.bytes"] = "10485760",
        ["segment.jitter.ms"] = "0",
        ["segment.ms"] = "604800000",
        ["unclean.leader.election.enable"] = "false",
    };

    [Fact]
    public async Task A_topic_has_all_of_Apaches_settings_with_their_defaults_and_takes_each()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "plain", 1);
        var plain = await SettingsOfAsync(broker, "plain");
        Assert.Equal(Defaults.OrderBy(s => s.Key, StringComparer.Ordinal), plain.OrderBy(s => s.Key, StringComparer.Ordinal));

        // What Connect, Streams and schema registries make their topics with.
        await Clients.CreateTopicAsync(
            broker, "connect", 1, ("cleanup.policy", "compact, delete"), ("min.insync.replicas", "2"), ("compression.type", "zstd"), ("flush.messages", "1"),
            ("delete.retention.ms", "100"), ("min.cleanable.dirty.ratio", "0.01"), ("segment.ms", "100"), ("preallocate", "TRUE"), ("retention.ms", " 5 "));
        await broker.RestartAsync();
        var settings = await SettingsOfAsync(broker, "connect");
        Assert.Equal("compact,delete", settings["cleanup.policy"]);
        Assert.Equal("zstd", settings["compression.type"]);
        Assert.Equal("0.01", settings["min.cleanable.dirty.ratio"]);
        Assert.Equal("true", settings["preallocate"]);
        Assert.Equal("5", settings["retention.ms"]);
    }

    [Theory]
    [InlineData("cleanup.policy", "x", "Invalid value x for configuration cleanup.policy")]
    [InlineData("compression.type", "ZSTD", "Invalid value ZSTD for configuration compression.type")]
    [InlineData("compression.gzip.level", "0", "Invalid value 0 for")]
    [InlineData("compression.zstd.level", "23", "Invalid value 23 for")]
    [InlineData("min.cleanable.dirty.ratio", "1.5", "Invalid value 1.5 for")]
    [InlineData("min.insync.replicas", "0", "Invalid value 0 for")]
    [InlineData("preallocate", "yes", "Invalid value yes for")]
    [InlineData("retention.ms", "-2", "Invalid value -2 for")]
    [InlineData("follower.replication.throttled.replicas", "x", "Invalid value x for")]
    [InlineData("remote.storage.enable", "true", "Invalid value true for")]
    [InlineData("message.format.version", "3.0", "Unknown topic config name: message.format.version")]
    public async Task What_Apache_refuses_is_refused(string name, string value, string sentence)
    {
        await using var broker = await BrokerProcess.StartAsync();
        var refused = await Assert.ThrowsAsync<CreateTopicsException>(() => Clients.CreateTopicAsync(broker, "refused", 1, (name, value)));
        Assert.Equal(ErrorCode.InvalidConfig, refused.Results[0].Error.Code);
        Assert.Contains(sentence, refused.Results[0].Error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compacted_topic_keeps_everything_and_wants_keys()
    {
        await using var broker = await BrokerProcess.StartAsync("--set", "log.retention.check.interval.ms=20");
        await Clients.CreateTopicAsync(broker, "compacted", 1, ("cleanup.policy", "compact"), ("retention.ms", "1000"), ("segment.bytes", "1000"));
        await Clients.CreateTopicAsync(broker, "deleted", 1, ("retention.ms", "1000"), ("segment.bytes", "1000"));
        using var raw = await RawClient.ConnectAsync(broker);
        byte[] Keyed(int i) => RawClient.Batch(RawClient.Record(0, new string('x', 500), key: $"{i % 2}"), 1, 0);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal((None, i), await raw.ProduceAsync("compacted", Keyed(i)));
            Assert.Equal((None, i), await raw.ProduceAsync("deleted", Keyed(i)));
        }

        Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("compacted", RawClient.Batch(-1, -1, -1, "no key")));
        while (Clients.Watermarks(broker, "deleted").Low.Value < 10)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(10, Clients.ReadAll(broker, "compacted").Count);
    }

    [Fact]
    public async Task A_list_is_appended_to_and_subtracted_from()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "listed", 1);
        await ChangeAsync(broker, AlterConfigOpType.Append, "cleanup.policy", "compact");
        Assert.Equal("delete,compact", (await SettingsOfAsync(broker, "listed"))["cleanup.policy"]);
        await ChangeAsync(broker, AlterConfigOpType.Subtract, "cleanup.policy", "delete");
        Assert.Equal("compact", (await SettingsOfAsync(broker, "listed"))["cleanup.policy"]);
        await Assert.ThrowsAsync<IncrementalAlterConfigsException>(() => ChangeAsync(broker, AlterConfigOpType.Append, "retention.ms", "1"));
    }

    private static async Task ChangeAsync(BrokerProcess broker, AlterConfigOpType operation, string name, string value)
    {
        using var admin = Clients.Admin(broker);
        var change = new ConfigEntry { Name = name, Value = value, IncrementalOperation = operation };
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = "listed" }] = [change],
        });
    }

    private static async Task<Dictionary<string, string>> SettingsOfAsync(BrokerProcess broker, string topic)
    {
        using var admin = Clients.Admin(broker);
        var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return described[0].Entries.ToDictionary(e => e.Key, e => e.Value.Value);
    }
}
