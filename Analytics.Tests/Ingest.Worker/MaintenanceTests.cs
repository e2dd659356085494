using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>The verbs that look after the tables: verify and rebuild.</summary>
public sealed class MaintenanceTests(PostgresProcess postgres, IngestBroker broker)
{
    private static readonly TestEvent[] Events =
    [
        new() { KeenId = "k1", Attempt = "a", Version = 10, User = "u1", Counts = (4, 1), Left = (1, 2), Answers = "ciCu", Start = 5, Seconds = 30 },
        new() { KeenId = "k2", Attempt = "a", Version = 20, User = "u2", Certification = true, Counts = (4, 3), Left = (0, 0), Answers = "cc", Start = 50, Seconds = 61.5 },
        new() { KeenId = "k2", Attempt = "a", Version = 20, User = "u2", Certification = true, Counts = (4, 3), Left = (0, 0), Answers = "cc", Start = 50, Seconds = 61.5 },
        new() { KeenId = "k3", Attempt = "b", Version = 1, User = "u2", Counts = (2, 2), Answers = "mi" },
        new() { KeenId = "k4", Attempt = "c" },
    ];

    [Fact]
    public async Task Verify_finds_no_difference_after_ingest_and_names_each_that_was_made_by_hand()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await IngestAsync(topic, database);

        var (exitCode, output, error) = await VerbAsync("verify", topic, database);
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("6 records of the topic", output, StringComparison.Ordinal);
        Assert.Contains("no difference", output, StringComparison.Ordinal);

        await database.ExecuteAsync("update exam_totals set attempts = attempts + 1; delete from dead_letters; update events set redeliveries = 7 where keen_id = 'k3'");
        (exitCode, output, _) = await VerbAsync("verify", topic, database);
        Assert.Equal(1, exitCode);
        Assert.Contains("attempts of each exam: has (1,4,", output, StringComparison.Ordinal);
        Assert.Contains("dead letters: should have", output, StringComparison.Ordinal);
        Assert.Contains("events and their redeliveries: has (k3,b,7); should have (k3,b,0)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rebuild_refuses_beside_a_worker_and_gives_the_same_figures_anew()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await topic.WriteAsync(Events);
        await using (var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name))
        {
            await database.ReachesAsync(topic.Name, Events.Length);
            var (refused, _, reason) = await VerbAsync("rebuild", topic, database);
            Assert.Equal(1, refused);
            Assert.Contains("stop every worker", reason, StringComparison.Ordinal);
            Assert.Equal(0, await worker.StopAsync());
        }

        await database.ExecuteAsync("update exam_scores set attempts = 99; delete from attempts");
        var (exitCode, output, error) = await VerbAsync("rebuild", topic, database);
        Assert.True(exitCode == 0, output + error);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from exam_totals"));

        await using var again = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, Events.Length);
        Assert.Equal(EventModel.Expected(Events), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task Rebuild_leaves_tables_alone_whose_topic_has_lost_its_beginning()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await IngestAsync(topic, database);
        await topic.DeleteBeforeAsync(0, 2);

        var (exitCode, _, error) = await VerbAsync("rebuild", topic, database);

        Assert.Equal(1, exitCode);
        Assert.Contains("begins at offset 2", error, StringComparison.Ordinal);
        Assert.Equal(3, await database.ScalarAsync<long>("select count(*) from attempts"));
        Assert.Equal(0, (await VerbAsync("verify", topic, database)).ExitCode);
    }

    /// <summary>Ingests the events and one dead letter.</summary>
    private static async Task IngestAsync(Topic topic, ActivityDatabase database)
    {
        await topic.WriteAsync(Events);
        await topic.WriteAsync([(null, "no event"u8.ToArray(), null)]);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, Events.Length + 1);
        Assert.Equal(0, await worker.StopAsync());
    }

    private static Task<(int ExitCode, string Output, string Error)> VerbAsync(string verb, Topic topic, ActivityDatabase database) => WorkerProcess.RunAsync(
        [verb], null, ("ConnectionStrings__kafka", topic.Servers), ("ConnectionStrings__activity", database.ConnectionString), ("Ingest__Topic", topic.Name));
}
