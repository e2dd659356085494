using System.Globalization;
using Analytics.Tests.Native.Hosting;
using Npgsql;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>The verbs that look after the tables: verify and rebuild.</summary>
public sealed class MaintenanceTests(PostgresProcess postgres, IngestBroker broker)
{
    private static readonly TestEvent[] Events =
    [
        new() { KeenId = "k1", Attempt = "a", Version = 10, User = "u1", Counts = (4, 1), Left = (1, 2), Answers = "ciCu", Start = 5, Seconds = 30 },
        new() { KeenId = "k2", Attempt = "a", Version = 20, User = "u2", Certification = true, Counts = (4, 3), Left = (0, 0), Answers = "cc", Start = 50,
            Seconds = 61.5 },
        new() { KeenId = "k2", Attempt = "a", Version = 20, User = "u2", Certification = true, Counts = (4, 3), Left = (0, 0), Answers = "cc", Start = 50,
            Seconds = 61.5 },
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

        await database.ExecuteAsync(
            "update exam_totals set attempts = attempts + 1; delete from dead_letters; update events set redeliveries = 7 where keen_id = 'k3'");
        (exitCode, output, _) = await VerbAsync("verify", topic, database);
        Assert.Equal(1, exitCode);
        Assert.Contains("attempts of each exam: has (1,4,", output, StringComparison.Ordinal);
        Assert.Contains("dead letters: should have", output, StringComparison.Ordinal);
        Assert.Contains("events and their redeliveries: has (k3,b,7); should have (k3,b,0)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rebuild_while_workers_ingest_and_readers_ask_gives_the_figures_anew_and_keeps_what_no_topic_gives()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var events = ErasureTests.StudentEvents(new Random(6), 1500);
        await using var first = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "100"));
        await using var second = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "100"));
        await topic.WriteAsync([(null, "no event"u8.ToArray(), null), (null, """{"user_id": "user-1"}"""u8.ToArray(), null)]);
        await topic.WriteAsync(events[..1000]);
        await database.ReachesAsync(topic.Name, 1002);
        await ErasureTests.EraseAsync(topic, database, "user-1");
        await database.ExecuteAsync("""
            update exam_scores set attempts = attempts + 1;
            update dead_letters set repaired_at = '2020-01-01Z' where value = 'no event';
            insert into dead_letters (topic, topic_id, partition, kafka_offset, headers, reason)
              select topic, topic_id, partition, 0, '{}', 'Kafka deleted the offsets 0 to 3.' from ingest_partitions where partition = 0;
            insert into api_keys (key_id, name, key_hash, scopes, created_at) values ('k', 'n', '', '{}', now());
            insert into catalogue_questions (question_id, base_exam_id, text) select question_id, '', 'named' from items limit 1;
            grant select on exam_totals, activity.attempts to public;
            create schema reports;
            create view reports.busy with (security_barrier) as select count(*) as attempts from public.attempts;
            """);
        var before = await database.RowsAsync("select 'activity.attempts'::regclass::oid, (select dead_letter_id from dead_letters where value = 'no event')");
        var tables = await TablesAsync(database);
        using var asking = new CancellationTokenSource();
        var answers = AskAsync(database, asking.Token);

        var writing = topic.WriteAsync(events[1000..]);
        var erasing = ErasureTests.EraseAsync(topic, database, "user-2");
        var (exitCode, output, error) = await VerbAsync("rebuild", topic, database);
        Assert.True(exitCode == 0, output + error);
        Assert.Matches(@"The tables are rebuilt from 1,\d{3} records of ", output);
        await writing;
        await erasing;
        await database.ReachesAsync(topic.Name, events.Count + 3);
        await asking.CancelAsync();

        Assert.True(await answers > 0);
        Assert.Equal(EventModel.Expected([.. ErasureTests.Without(events, "user-1", "user-2")]), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
        Assert.Equal(before, await database.RowsAsync("""
            select 'activity.attempts'::regclass::oid, (select dead_letter_id from dead_letters where value = 'no event' and repaired_at = '2020-01-01Z')
            """));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from dead_letters where reason like 'Kafka deleted%'"));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from api_keys"));
        Assert.True(await database.ScalarAsync<bool>(
            "select exists (select from item_names where text = 'named') and exists (select from activity.questions where text = 'named')"));
        Assert.True(await database.ScalarAsync<bool>("""
            select has_table_privilege('public', 'public.exam_totals', 'select') and has_table_privilege('public', 'activity.attempts', 'select')
            """));
        Assert.Equal(["api_keys", "catalogue_options", "catalogue_questions", "catalogue_version", "dead_letters", "schema_versions"], (await TablesAsync(database)).Intersect(tables).Select(table => table.Split('|')[0]));
        Assert.Equal(
            [$"{await database.ScalarAsync<long>("select count(*) from attempts")}|{{security_barrier=true}}"],
            await database.RowsAsync("select attempts, (select reloptions::text from pg_class where relname = 'busy') from reports.busy"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'rebuild%'"));
        await database.ExecuteAsync("delete from dead_letters where reason like 'Kafka deleted%'");
        await ErasureTests.VerifyAsync(topic, database);

        // Both workers are as good as before.
        await topic.WriteAsync([new TestEvent { KeenId = "later", Attempt = "later" }]);
        await database.ReachesAsync(topic.Name, events.Count + 4);
        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task A_killed_rebuild_leaves_the_tables_and_the_next_one_clears_up()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await IngestAsync(topic, database);
        await using (var statement = new NpgsqlConnection(database.ConnectionString))
        {
            await statement.OpenAsync(Deadline.Token);
            await using var transaction = await statement.BeginTransactionAsync(Deadline.Token);
            await using var read = new NpgsqlCommand("select count(*) from activity.answers", statement);
            await read.ExecuteScalarAsync(Deadline.Token);
            await using var killed = WorkerProcess.Verb("rebuild", topic.Settings(database));
            await killed.SaysAsync("A statement that runs for long holds the tables");
            Assert.Contains("Another rebuild", (await VerbAsync("rebuild", topic, database)).Error, StringComparison.Ordinal);
            await killed.KillAsync();
        }

        Assert.Equal(EventModel.Expected(Events), await EventModel.ReadAsync(database));
        Assert.Equal(2, await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'rebuild%'"));
        var (exitCode, output, error) = await VerbAsync("rebuild", topic, database);
        Assert.True(exitCode == 0, output + error);
        Assert.Equal(EventModel.Expected(Events), await EventModel.ReadAsync(database));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'rebuild%'"));
        await ErasureTests.VerifyAsync(topic, database);
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

    /// <summary>Every table, with what tells it from another of the same name: those that are not made of the topic stay the same.</summary>
    private static Task<List<string>> TablesAsync(ActivityDatabase database) =>
        database.RowsAsync("select relname, oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname collate \"C\"");

    /// <summary>Asks all the time, in one transaction after another as the API does; what it is told never goes back.</summary>
    /// <returns>How often.</returns>
    private static async Task<int> AskAsync(ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (asked, last) = (0, 0L);
        while (!cancellationToken.IsCancellationRequested)
        {
            var figures = await database.RowsAsync("""
                select (select sum(next_offset) from ingest_partitions), (select attempts from activity.totals), (select count(*) from activity.attempts),
                  (select count(*) from activity.answer_options where option_position = 0)
                """);
            var told = figures[0].Split('|');
            var place = long.Parse(told[0], CultureInfo.InvariantCulture);
            Assert.Equal(told[1], told[2]); // By the rollups, and by the rows.
            Assert.True(place >= last, $"{place} after {last}");
            (asked, last) = (asked + 1, place);
        }

        return asked;
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

    private static Task<(int ExitCode, string Output, string Error)> VerbAsync(string verb, Topic topic, ActivityDatabase database) =>
        WorkerProcess.RunAsync([verb], null, topic.Settings(database));
}
