using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Analytics.Tests.Analytics.Api;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Kafka.Broker;

namespace Analytics.Tests.Publishing;

/// <summary>The one producer of the topic, over what happens to Kafka.</summary>
public sealed class EventProducerTests(SmallWorldApi world) : IClassFixture<SmallWorldApi>
{
    [Fact]
    public async Task A_producer_that_Kafka_has_lost_count_of_is_replaced()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        var topic = await Topic.CreateAsync(broker.BootstrapServers, partitions: 1);
        await using var api = new ApiServer(
            await world.CreateDatabaseAsync(), broker.BootstrapServers,
            ("Ingest:Topic", topic.Name), ("Aspire:Confluent:Kafka:Producer:kafka:Config:MessageTimeoutMs", "10000"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(api, $"before-{i}"));
        }

        broker.Kill();
        foreach (var log in Directory.EnumerateFiles(broker.DataFolder, "*.log", SearchOption.AllDirectories).Where(
            path => path.Contains(topic.Name, StringComparison.Ordinal)))
        {
            using var cut = File.OpenWrite(log);
            cut.SetLength(cut.Length / 3);
        }

        await broker.RestartAsync();

        // What was under way when it showed may be refused, with the advice to send it again.
        var deadline = Deadline.Token;
        for (var i = 0; await PostAsync(api, $"after-{i}") != HttpStatusCode.OK; i++)
        {
            deadline.ThrowIfCancellationRequested();
        }

        Assert.Equal(HttpStatusCode.OK, await PostAsync(api, "last"));
        Assert.Contains(topic.ReadAll(), record => Encoding.UTF8.GetString(record.Message.Key!) == "last");
    }

    private static async Task<HttpStatusCode> PostAsync(ApiServer api, string attempt)
    {
        using var content = new StringContent($$"""{"keen_id":"{{attempt}}","user_exam_id":"{{attempt}}"}""", new MediaTypeHeaderValue("application/json"));
        using var response = await api.Client.PostAsync("/api/events", content, Deadline.Token);
        return response.StatusCode;
    }
}
