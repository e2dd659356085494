using System.Text.Json;
using Analytics.Tests.Kafka.Broker;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Kafka.Broker in a ZooKeeper, as a Kafka 3 broker shows itself there.</summary>
[Collection(nameof(Servers))]
public sealed class BrokerRegistrationTests(Servers servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_broker_shows_itself_and_its_topics_below_a_path(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        var zooKeeper = $"127.0.0.1:{await servers.PortAsync(server)}{root}/kafka";
        await using var broker = await BrokerProcess.StartAsync("--set", $"zookeeper.connect={zooKeeper}", "--set", "node.id=7");
        await Clients.CreateTopicAsync(broker, "made", 2, ("retention.ms", "1000"));
        var topic = await UntilAsync(client, $"{root}/kafka/brokers/topics/made/partitions/1/state");
        Assert.Equal(7, topic.GetProperty("leader").GetInt32());
        Assert.Equal(7, topic.GetProperty("isr")[0].GetInt32());

        var cluster = await UntilAsync(client, $"{root}/kafka/cluster/id");
        Assert.Equal(22, cluster.GetProperty("id").GetString()!.Length);
        var (_, _, stat) = await client.GetAsync($"{root}/kafka/brokers/ids/7");
        Assert.NotEqual(0, stat!.EphemeralOwner);
        var self = await UntilAsync(client, $"{root}/kafka/brokers/ids/7");
        Assert.Equal($"PLAINTEXT://{broker.BootstrapServers}", self.GetProperty("endpoints")[0].GetString());
        Assert.Equal((broker.Port, 5), (self.GetProperty("port").GetInt32(), self.GetProperty("version").GetInt32()));
        Assert.Equal(7, (await UntilAsync(client, $"{root}/kafka/controller")).GetProperty("brokerid").GetInt32());
        Assert.Equal("1", (await client.GetAsync($"{root}/kafka/controller_epoch")).Data);
        Assert.Equal(0, (await client.ExistsAsync($"{root}/kafka/brokers/seqid")).Error);
        var config = await UntilAsync(client, $"{root}/kafka/config/topics/made");
        Assert.Equal("1000", config.GetProperty("config").GetProperty("retention.ms").GetString());

        await UntilGoneAsync(client, $"{root}/kafka/brokers/topics/made", async () =>
        {
            using var admin = Clients.Admin(broker);
            await admin.DeleteTopicsAsync(["made"]);
        });
        while ((await client.ExistsAsync($"{root}/kafka/config/topics/made")).Error != RawClient.NoNode)
        {
            await Task.Delay(20, Stop); // It goes after the topic.
        }

        await UntilGoneAsync(client, $"{root}/kafka/brokers/ids/7", async () => Assert.Equal(0, await broker.StopAsync()));
    }

    [Fact]
    public async Task It_works_on_without_and_registers_again_after_its_session_is_lost()
    {
        await using var server = await ServerProcess.StartAsync("tickTime=200", "minSessionTimeout=600");
        await using var broker = await BrokerProcess.StartAsync(
            "--set", $"zookeeper.connect={server.Address}", "--set", "zookeeper.session.timeout.ms=600");
        var client = await RawClient.ConnectAsync(server.Port);
        await UntilAsync(client, "/brokers/ids/1");
        var before = (await client.ExistsAsync("/brokers/ids/1")).Stat!.EphemeralOwner;

        server.Kill();
        await Clients.CreateTopicAsync(broker, "meanwhile", 1);
        await Clients.ProduceAsync(broker, "meanwhile", "still");
        Assert.Equal(["still"], Clients.ReadAll(broker, "meanwhile"));
        await broker.UntilLoggedAsync("does not answer");
        await client.DropAsync();

        Directory.Delete(server.Files, recursive: true); // all that it knew of the session
        await server.StartAgainAsync();
        await using var again = await RawClient.ConnectAsync(server.Port);
        await UntilAsync(again, "/brokers/topics/meanwhile");
        await UntilAsync(again, "/brokers/ids/1");
        Assert.NotEqual(before, (await again.ExistsAsync("/brokers/ids/1")).Stat!.EphemeralOwner);
    }

    [Fact]
    public async Task A_killed_broker_takes_over_from_itself()
    {
        var (client, root) = await servers.ConnectAsync(Servers.Ours);
        await using var closing = client;
        await using var broker = await BrokerProcess.StartAsync("--set", $"zookeeper.connect=127.0.0.1:{await servers.PortAsync(Servers.Ours)}{root}");
        await UntilAsync(client, $"{root}/controller");
        var before = (await client.ExistsAsync($"{root}/brokers/ids/1")).Stat!.EphemeralOwner;
        await broker.RestartAsync();
        while ((await client.ExistsAsync($"{root}/controller")).Stat is not { } controller || controller.EphemeralOwner == before)
        {
            await Task.Delay(20, Stop);
        }

        Assert.NotEqual(before, (await client.ExistsAsync($"{root}/brokers/ids/1")).Stat!.EphemeralOwner);
    }

    private static async Task<JsonElement> UntilAsync(RawClient client, string path)
    {
        while (true)
        {
            if (await client.GetAsync(path) is (0, { } data, _))
            {
                return JsonDocument.Parse(data).RootElement;
            }

            await Task.Delay(20, Stop);
        }
    }

    private static async Task UntilGoneAsync(RawClient client, string path, Func<Task> end)
    {
        Assert.Equal(0, (await client.ExistsAsync(path)).Error);
        await end();
        while ((await client.ExistsAsync(path)).Error == 0)
        {
            await Task.Delay(20, Stop);
        }
    }
}
