using Analytics.Tests.Kafka.Broker;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A broker that lost what it had acknowledged: its log ends before the next offset, or has other records under offsets that were read.</summary>
public sealed class CutLogTests(PostgresProcess postgres, IngestBroker broker)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_written_on_a_log_that_was_cut_is_ingested_and_nothing_is_counted_twice(bool isWorkerRunning)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var server = await BrokerProcess.StartAsync("--partitions", "1");
        var topic = await Topic.CreateAsync(server.BootstrapServers, partitions: 1);
        var before = Events("before", 5);
        foreach (var one in before)
        {
            await topic.WriteAsync([one]); // A record batch each.
        }

        var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        try
        {
            await database.ReachesAsync(topic.Name, 5);
            if (!isWorkerRunning)
            {
                await worker.StopAsync();
            }

            server.Kill();
            await using (var log = new FileStream(Path.Combine(server.DataFolder, $"{topic.Name}-0", "00000000000000000000.log"), FileMode.Open))
            {
                log.SetLength(log.Length / 2); // The broker cuts off the batch that is torn.
            }

            await server.StartAgainAsync();
            var after = Events("after", 8);
            await topic.WriteAsync(after);
            if (!isWorkerRunning)
            {
                await worker.DisposeAsync();
                worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
            }

            await worker.SaysAsync("was cut at offset 2, before the next one to ingest, 5: what stands there now is ingested.");
            await database.ReachesAsync(topic.Name, 14); // The dead letter counts too.

            Assert.Equal(EventModel.Expected([.. before, .. after]), await EventModel.ReadAsync(database));
            Assert.Equal(["10"], await database.RowsAsync("select next_offset from ingest_partitions"));
            Assert.Equal(["0|0", "1|2"], await database.RowsAsync("select leader_epoch, first_offset from ingest_leader_epochs order by 1"));
            Assert.Equal(
                1, await database.ScalarAsync<long>("select count(*) from dead_letters where kafka_offset = 5 and reason like '%was cut at offset 2%'"));
        }
        finally
        {
            await worker.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true, "was cut at offset 5, before the next one to ingest, 1000")]
    [InlineData(false, "it was cut, and is ingested again from offset 0")]
    public async Task A_log_that_ends_before_the_next_offset_goes_on_at_its_end_or_where_no_epoch_is_known_at_its_beginning(bool isEpochKnown, string said)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        const int events = 5;
        var written = Events("k", events);
        await topic.WriteAsync(written);
        await using (var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name))
        {
            await database.ReachesAsync(topic.Name, events);
            await worker.StopAsync();
        }

        await database.ExecuteAsync($"update ingest_partitions set next_offset = 1000; delete from ingest_leader_epochs where not {isEpochKnown}");
        await using var next = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await next.SaysAsync(said);
        await database.ReachesAsync(topic.Name, isEpochKnown ? events + 1 : 2 * events + 1);

        Assert.Equal(EventModel.Expected(isEpochKnown ? written : [.. written, .. written]), await EventModel.ReadAsync(database));
        Assert.Equal(events, await database.ScalarAsync<long>("select next_offset from ingest_partitions"));
    }

    private static TestEvent[] Events(string name, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TestEvent { KeenId = $"{name}-{i}", Attempt = $"{name}-a{i}" })];
}
