using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>The same on Apache Kafka itself, where it is at hand.</summary>
public sealed class ApacheKafkaTests(PostgresProcess postgres)
{
    [Fact]
    public async Task On_Apache_Kafka_every_attempt_is_there_once_after_a_kill()
    {
        await using var kafka = await ApacheKafkaServer.StartAsync();
        var servers = kafka.Address;
        using var load = Load.Write(attempts: 5000, seed: 31);
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = $"t{Guid.NewGuid():N}"; // The publisher creates it.
        var publishing = WorkerProcess.PublishAsync(servers, topic, load.Path);
        await using (var killed = WorkerProcess.Ingest(servers, database.ConnectionString, topic, ("Ingest__BatchMessages", "300")))
        {
            await database.ReachesAsync(topic, load.Counts.Events / 3);
            await killed.KillAsync();
        }

        Assert.Equal(0, (await publishing).ExitCode);
        var again = await WorkerProcess.PublishAsync(servers, topic, "--once", load.Path);
        Assert.Contains(": 0 events published", again.Output, StringComparison.Ordinal);
        await using var last = WorkerProcess.Ingest(servers, database.ConnectionString, topic);
        await database.ReachesAsync(topic, load.Counts.Events);
        await load.CheckAsync(database);
        Assert.Equal(6, await database.ScalarAsync<long>($"select count(*) from ingest_partitions where topic = '{topic}'"));
    }
}
