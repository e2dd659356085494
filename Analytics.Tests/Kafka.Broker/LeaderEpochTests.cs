using System.Buffers.Binary;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>What a client learns of a log that may have lost what was acknowledged.</summary>
public sealed class LeaderEpochTests
{
    private const short None = 0;
    private const short FencedLeaderEpoch = 74;
    private const short UnknownLeaderEpoch = 75;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leader_epoch_begins_after_an_unclean_stop_and_not_after_a_clean_one()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "epochs", "a", "b");
        await broker.RestartAsync(); // a kill: epoch 1 from offset 2 on
        await broker.RestartAsync(); // another, and nothing was written in between: epoch 2 takes its place
        await Clients.ProduceAsync(broker, "epochs", "c");
        Assert.Equal(0, await broker.StopAsync());
        await broker.StartAgainAsync();
        await Clients.ProduceAsync(broker, "epochs", "d");

        using var raw = await RawClient.ConnectAsync(broker);
        Assert.Equal((None, 0, 2L), await raw.EndOfEpochAsync("epochs", 2, 0));
        Assert.Equal((None, 0, 2L), await raw.EndOfEpochAsync("epochs", -1, 1));
        Assert.Equal((None, 2, 4L), await raw.EndOfEpochAsync("epochs", -1, 2));
        Assert.Equal((None, -1, -1L), await raw.EndOfEpochAsync("epochs", -1, 3));
        Assert.Equal(FencedLeaderEpoch, (await raw.EndOfEpochAsync("epochs", 0, 0)).Error);
        Assert.Equal(UnknownLeaderEpoch, (await raw.EndOfEpochAsync("epochs", 3, 0)).Error);
        Assert.Equal(None, await raw.FetchAsync("epochs", 2, 0));
        Assert.Equal(FencedLeaderEpoch, await raw.FetchAsync("epochs", 1, 0));
        Assert.Equal(UnknownLeaderEpoch, await raw.FetchAsync("epochs", 3, 0));
        Assert.Equal((None, 0L, 0), await raw.ListOffsetAsync("epochs", -1, -2));
        Assert.Equal((None, 4L, 2), await raw.ListOffsetAsync("epochs", 2, -1));
        Assert.Equal(FencedLeaderEpoch, (await raw.ListOffsetAsync("epochs", 1, -1)).Error);
        var folder = Path.Combine(broker.DataFolder, "epochs-0");
        Assert.Equal("0\n2\n0 0\n2 2\n", await File.ReadAllTextAsync(Path.Combine(folder, "leader-epoch-checkpoint"), Stop));
        Assert.Equal([0, 0, 2, 2], EpochsOfBatches(await File.ReadAllBytesAsync(Path.Combine(folder, "00000000000000000000.log"), Stop)));
        Assert.Equal(["a", "b", "c", "d"], Clients.ReadAll(broker, "epochs"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_learns_where_a_log_was_cut(bool isCheckpointLost)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "cut", "a", "b", "c");
        broker.Kill();
        var folder = Path.Combine(broker.DataFolder, "cut-0");
        await using (var log = new FileStream(Path.Combine(folder, "00000000000000000000.log"), FileMode.Open))
        {
            log.SetLength(log.Length - 1);
        }

        if (isCheckpointLost)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "leader-epoch-checkpoint"), "garbage", Stop);
        }

        await broker.StartAgainAsync();
        await Clients.ProduceAsync(broker, "cut", "other", "more");
        using var raw = await RawClient.ConnectAsync(broker);
        Assert.Equal((None, 0, 2L), await raw.EndOfEpochAsync("cut", -1, 0));
        Assert.Equal((None, 1, 4L), await raw.EndOfEpochAsync("cut", -1, 1));
        await broker.UntilLoggedAsync("cut ");
    }

    [Fact]
    public async Task A_topic_made_anew_starts_with_epoch_0_and_deleted_records_take_their_epochs_along()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await broker.RestartAsync();
        await Clients.ProduceAsync(broker, "anew", "a");
        await broker.RestartAsync();
        await Clients.ProduceAsync(broker, "anew", "b");
        using var raw = await RawClient.ConnectAsync(broker);
        Assert.Equal((None, 0, 1L), await raw.EndOfEpochAsync("anew", -1, 0));
        using (var admin = Clients.Admin(broker))
        {
            await admin.DeleteRecordsAsync([new Confluent.Kafka.TopicPartitionOffset("anew", 0, 2)]);
        }

        Assert.Equal((None, 0, 2L), await raw.EndOfEpochAsync("anew", -1, 0)); // before what is left: it ended where that starts, as Apache answers
        Assert.Equal((None, 2, 2L), await raw.EndOfEpochAsync("anew", -1, 2));
    }

    private static List<int> EpochsOfBatches(byte[] log)
    {
        var epochs = new List<int>();
        for (var at = 0; at < log.Length; at += 12 + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + 8)))
        {
            epochs.Add(BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + 12)));
        }

        return epochs;
    }
}
