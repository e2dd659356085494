using Analytics.Tests.Kafka.Broker;
using Analytics.Tests.Native.Hosting;
using Data.Generator;
using Npgsql;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Whatever dies, and whoever takes over: nothing is lost and nothing counted twice.</summary>
public sealed class CrashTests(PostgresProcess postgres, IngestBroker broker)
{
    [Fact]
    public async Task A_worker_that_is_killed_in_the_middle_loses_nothing()
    {
        using var load = Load.Write(attempts: 6000, seed: 11);
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        Assert.Equal(0, (await WorkerProcess.PublishAsync(topic.Servers, topic.Name, load.Path)).ExitCode);

        for (var part = 1; part <= 3; part++)
        {
            await using var killed = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "300"));
            await database.ReachesAsync(topic.Name, part * load.Counts.Events / 4);
            await killed.KillAsync();
        }

        await using var last = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, load.Counts.Events);
        await load.CheckAsync(database);
    }

    [Fact]
    public async Task Two_workers_share_the_topic_and_one_takes_over_what_the_other_leaves()
    {
        using var load = Load.Write(attempts: 6000, seed: 12);
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 6);
        (string, string)[] settings = [("Ingest__BatchMessages", "200")];
        await using var first = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        await using var second = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        var publishing = WorkerProcess.PublishAsync(topic.Servers, topic.Name, load.Path);
        await OwnersAsync(database, topic.Name, 2);
        await database.ReachesAsync(topic.Name, load.Counts.Events / 3);

        Assert.Equal(0, await second.StopAsync());
        await OwnersAsync(database, topic.Name, 1);

        Assert.Equal(0, (await publishing).ExitCode);
        await database.ReachesAsync(topic.Name, load.Counts.Events);
        await load.CheckAsync(database);
    }

    [Fact]
    public async Task A_worker_that_is_behind_tells_how_much_is_left()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await topic.WriteAsync([.. Enumerable.Range(0, 12_000).Select(i => new TestEvent { KeenId = $"k{i}", Attempt = $"a{i}" })]);
        await using (var locks = new NpgsqlConnection(database.ConnectionString))
        {
            await locks.OpenAsync(Deadline.Token);
            await using var transaction = await locks.BeginTransactionAsync(Deadline.Token);
            await using var take = new NpgsqlCommand("lock table events in access exclusive mode", locks, transaction);
            await take.ExecuteNonQueryAsync(Deadline.Token);
            await using var blocked = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
            await blocked.SaysAsync($"Catching up with {topic.Name}: 12000 records are left, 0 a second, at a standstill.");
        }

        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 12_000);
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from ingest_partitions where record_at between now() - interval '1 hour' and now()"));
    }

    [Fact]
    public async Task A_worker_of_another_group_is_refused_with_a_sentence_and_the_first_goes_on()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 2);
        await using var first = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await OwnersAsync(database, topic.Name, 1);

        await using var other = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__Group", "other"));
        Assert.Equal(2, await other.EndAsync());
        Assert.Contains(
            $"The topic {topic.Name} is ingested into this database by the consumer group \"group-of-{topic.Name}\", and this worker's is \"other\": "
            + $"set Ingest:Group to group-of-{topic.Name}.",
            other.Output,
            StringComparison.Ordinal);

        await topic.WriteAsync([new TestEvent { KeenId = "k", Attempt = "a" }]);
        await database.ReachesAsync(topic.Name, 1);
    }

    [Fact]
    public async Task A_worker_that_slept_while_another_took_over_is_fenced_off()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events = [.. Enumerable.Range(0, 300).Select(i => new TestEvent { KeenId = $"k{i:d3}", Attempt = $"a{i}" })];
        await using var sleeper = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync(events[..100]);
        await database.ReachesAsync(topic.Name, 100);

        // Another claim, as another worker makes it, and what that worker writes.
        await database.ExecuteAsync("update ingest_partitions set epoch = epoch + 1, owner = 'another'");
        await topic.WriteAsync(events[100..200]);
        await sleeper.SaysAsync("belongs to another worker now");
        await topic.WriteAsync(events[200..]);

        Assert.Equal(100, await database.ScalarAsync<long>("select count(*) from attempts"));
        await database.ExecuteAsync("update ingest_partitions set consumer_group = null"); // As whoever gives the topic to another group does.
        await using var taker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__Group", "another-group"));
        await database.ReachesAsync(topic.Name, events.Length);
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
    }

    [Fact]
    public async Task A_worker_that_froze_in_the_middle_of_its_transaction_holds_nobody_up()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events = [.. Enumerable.Range(0, 350).Select(i => new TestEvent { KeenId = $"k{i:d3}", Attempt = $"a{i}" })];
        await using var frozen = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync(events[..100]);
        await database.ReachesAsync(topic.Name, 100);

        // It has locked its partition's place and waits for this lock when it freezes; then it is its session that waits, for it.
        await using (var locks = new NpgsqlConnection(database.ConnectionString))
        {
            await locks.OpenAsync(Deadline.Token);
            await using var transaction = await locks.BeginTransactionAsync(Deadline.Token);
            await using var take = new NpgsqlCommand("lock table events in access exclusive mode", locks, transaction);
            await take.ExecuteNonQueryAsync(Deadline.Token);
            await topic.WriteAsync(events[100..300]);
            while (await database.ScalarAsync<long>("select count(*) from pg_locks where not granted and relation = 'events'::regclass") == 0)
            {
                await Task.Delay(20, Deadline.Token);
            }

            await frozen.SignalAsync("STOP");
        }

        await using var taker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await taker.SaysAsync("held up the others");
        await database.ReachesAsync(topic.Name, 300);

        // What it had in hand when it froze is not written again by it, awake.
        await frozen.SignalAsync("CONT");
        await topic.WriteAsync(events[300..]);
        await database.ReachesAsync(topic.Name, events.Length);
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
    }

    [Fact]
    public async Task A_database_that_is_restarted_gets_the_batches_that_waited()
    {
        using var load = Load.Write(attempts: 4000, seed: 13);
        using var folder = new TemporaryFolder();
        await using var cluster = await RestartableDatabase.StartAsync(folder.Path);
        await using var database = await new ActivityDatabase(cluster.ConnectionString).MigratedAsync();
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        Assert.Equal(0, (await WorkerProcess.PublishAsync(topic.Servers, topic.Name, load.Path)).ExitCode);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "100"));

        for (var part = 1; part <= 2; part++)
        {
            await database.ReachesAsync(topic.Name, part * load.Counts.Events / 4);
            await cluster.KillAsync();
            await worker.SaysAsync("The database does not take the batch");
            await cluster.StartAsync();
        }

        await database.ReachesAsync(topic.Name, load.Counts.Events);
        await load.CheckAsync(database);
    }

    [Fact]
    public async Task A_broker_that_is_killed_while_events_flow_both_ways_loses_and_repeats_nothing()
    {
        using var load = Load.Write(attempts: 6000, seed: 14);
        await using var ownBroker = await BrokerProcess.StartAsync();
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(ownBroker.BootstrapServers);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "300"));
        var publishing = WorkerProcess.PublishAsync(topic.Servers, topic.Name, load.Path);
        await database.ReachesAsync(topic.Name, 300);
        await ownBroker.RestartAsync();

        Assert.Equal(0, (await publishing).ExitCode);
        await ownBroker.RestartAsync();
        await database.ReachesAsync(topic.Name, load.Counts.Events);
        await load.CheckAsync(database);
    }

    /// <summary>Waits until the partitions are shared among so many processes.</summary>
    private static async Task OwnersAsync(ActivityDatabase database, string topic, int owners)
    {
        var deadline = Deadline.Token;
        while (await database.ScalarAsync<long>($"select count(distinct owner) from ingest_partitions where topic = '{topic}'") != owners)
        {
            await Task.Delay(50, deadline);
        }
    }
}

/// <summary>A file of generated events and what must come of it.</summary>
internal sealed class Load : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Load()
    {
    }

    public string Path => _folder.In("load.ndjson");

    public LoadCounts Counts { get; private set; }

    public static Load Write(int attempts, ulong seed)
    {
        var load = new Load();
        using var file = File.Create(load.Path);
        load.Counts = LoadGenerator.Write(file, new LoadOptions { Attempts = attempts, Redelivered = 0.05, Replaced = 0.05, Users = 500, Seed = seed });
        return load;
    }

    /// <summary>Every attempt is there once, every message was counted once, and the rollups are those of the rows.</summary>
    public async Task CheckAsync(ActivityDatabase database)
    {
        Assert.Equal(Counts.Attempts, await database.ScalarAsync<long>("select count(*) from attempts"));
        Assert.Equal(Counts.Events, await database.ScalarAsync<long>("select sum(messages)::bigint from exam_totals"));
        Assert.Equal(Counts.Redeliveries, await database.ScalarAsync<long>("select sum(redeliveries)::bigint from exam_totals"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_letters"));
        await RollupOracle.CheckAsync(database);
    }

    public void Dispose() => _folder.Dispose();
}
