using System.Text;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>One keen_id under several user_exam_ids: in any order of arrival the same counts, and the others are dead letters.</summary>
public sealed class ContradictionTests(PostgresProcess postgres, IngestBroker broker)
{
    [Theory]
    [InlineData("c b a", 1)]
    [InlineData("b c a", 1, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData("c a b", 100)]
    public async Task Of_three_attempts_with_one_keen_id_the_same_counts_in_any_order(string order, int batchMessages)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        TestEvent[] events = [.. order.Split(' ').Select(attempt => new TestEvent { KeenId = "k", Attempt = attempt, User = attempt, Version = attempt[0], Counts = (2, 1), Left = (0, 0), Start = 5, Seconds = 3 })];
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", $"{batchMessages}"));
        for (var i = 0; i < events.Length; i++)
        {
            await topic.WriteAsync([events[i]]);
            await database.ReachesAsync(topic.Name, i + 1);
        }

        Assert.Equal(["a|k"], await database.RowsAsync("select user_exam_id, keen_id from attempts"));
        Assert.Equal(["b", "c"], await database.RowsAsync("select convert_from(key, 'UTF8') from dead_letters order by 1"));
        Assert.Equal([.. events[..].Where(message => message.Attempt != "a").Select(message => Encoding.UTF8.GetString(message.Json())).Order(StringComparer.Ordinal)],
            (await database.RowsAsync("select convert_from(value, 'UTF8') from dead_letters")).Order(StringComparer.Ordinal));
        Assert.Contains("The keen_id belongs to an event of another attempt: \"k\" is of the attempt \"a\".", await database.RowsAsync("select reason from dead_letters"));
        Assert.Equal(["The keen_id belongs to an event of another attempt: … is of the attempt …."], await database.RowsAsync("select distinct reason_group from dead_letters"));
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
        Assert.Equal(0, await worker.StopAsync());
    }

    [Fact]
    public async Task The_smallest_attempt_is_the_first_by_code_points_and_no_id_is_in_the_group_of_the_reason()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        const string Smaller = "\uFFFD\\\"\\", Greater = "\U0001F600";
        TestEvent[] inOrder = [new() { KeenId = "k\"\\", Attempt = Smaller }, new() { KeenId = "k\"\\", Attempt = Greater }];
        TestEvent[] inReverse = [new() { KeenId = "l\"\\", Attempt = $"{Greater}l" }, new() { KeenId = "l\"\\", Attempt = $"{Smaller}l" }];
        await topic.WriteAsync([.. inOrder, .. inReverse]);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "1"));
        await database.ReachesAsync(topic.Name, 4);

        Assert.Equal([Smaller, $"{Smaller}l"], await database.RowsAsync("select user_exam_id from attempts order by keen_id"));
        Assert.Equal(
            ["2|The keen_id belongs to an event of another attempt: … is of the attempt …."],
            await database.RowsAsync("select count(*), reason_group from dead_letters group by 2"));
        await VerifyAsync(topic, database);
    }

    [Fact]
    public async Task An_answer_key_that_a_taken_back_event_had_stated_goes_back_to_what_the_other_attempts_state()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        TestEvent[] all =
        [
            new() { KeenId = "k1", Attempt = "y", Version = 10, Answers = "c" },
            new() { KeenId = "k2", Attempt = "z", Version = 20, Answers = "ci", Right = "wrong" },
            new() { KeenId = "k2", Attempt = "a", Version = 1, Answers = "" },
        ];
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        for (var i = 0; i < all.Length; i++)
        {
            await topic.WriteAsync([all[i]]);
            await database.ReachesAsync(topic.Name, i + 1);
        }

        Assert.Equal(["right-1"], await database.RowsAsync("select option_id from activity.options where is_correct"));
        Assert.Equal(EventModel.Expected(all).Where(IsKey), (await EventModel.ReadAsync(database)).Where(IsKey));
        await RollupOracle.CheckAsync(database);

        static bool IsKey(string line) => line.StartsWith("key|", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_that_loses_its_newest_event_and_redeliveries_goes_back_to_the_event_before()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var oldest = new TestEvent { KeenId = "k1", Attempt = "z", Version = 10, User = "u1", Counts = (4, 1), Left = (1, 2), Answers = "ciCu", Start = 5, Seconds = 30 };
        var before = oldest with { KeenId = "k2", Version = 20, Course = "Between", User = "u2", Answers = "cc" };
        var taken = oldest with { KeenId = "k3", Version = 30, Course = "After", User = "u3", Answers = "i", Start = 50, Counts = (4, 4) };
        var altered = taken with { Certification = true };
        var smaller = taken with { Attempt = "a", User = "u4", Version = 1 };
        TestEvent[] all = [taken, oldest, before, altered, taken, smaller, taken];
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        for (var i = 0; i < all.Length; i++)
        {
            await topic.WriteAsync([all[i]]);
            await database.ReachesAsync(topic.Name, i + 1);
            await RollupOracle.CheckAsync(database);
        }

        Assert.Equal(["a|k3", "z|k2"], await database.RowsAsync("select user_exam_id, keen_id from attempts order by 1"));
        Assert.Equal(4, await database.ScalarAsync<long>("select count(*) from dead_letters"));
        Assert.Equal(1, await database.ScalarAsync<long>("select sum(altered_redeliveries)::bigint from ingest_partitions"));
        Assert.Equal(EventModel.Expected(all).Where(IsAttempt), (await EventModel.ReadAsync(database)).Where(IsAttempt));
        await VerifyAsync(topic, database);

        static bool IsAttempt(string line) => line.StartsWith("attempt|", StringComparison.Ordinal) || line.StartsWith("user", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Kafka_no_longer_has_keeps_its_keen_id()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync([new TestEvent { KeenId = "k", Attempt = "b" }]);
        await database.ReachesAsync(topic.Name, 1);
        await topic.DeleteBeforeAsync(0, 1);
        await topic.WriteAsync([new TestEvent { KeenId = "k", Attempt = "a" }]);
        await database.ReachesAsync(topic.Name, 2);

        Assert.Equal(["b"], await database.RowsAsync("select user_exam_id from attempts"));
        Assert.Equal(["1|The keen_id belongs to an event of another attempt: \"k\" is of the attempt \"b\", which came first and whose records can't be read from Kafka again."], await database.RowsAsync("select kafka_offset, reason from dead_letters"));
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task Records_of_a_log_that_was_cut_and_ingested_again_are_taken_back_as_often_as_they_were_counted()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await topic.WriteAsync([new TestEvent { KeenId = "k", Attempt = "z" }]);
        await using (var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name))
        {
            await database.ReachesAsync(topic.Name, 1);
            await worker.StopAsync();
        }

        await database.ExecuteAsync("update ingest_partitions set next_offset = 1000; delete from ingest_leader_epochs");
        await topic.WriteAsync([new TestEvent { KeenId = "k", Attempt = "a" }]);
        await using var next = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 4);

        Assert.Equal(["a"], await database.RowsAsync("select user_exam_id from attempts"));
        await RollupOracle.CheckAsync(database);
    }

    [Theory]
    [InlineData(1, 50, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(20, 120)]
    [InlineData(5000, 300)]
    public async Task Any_order_of_many_contradictions_ends_in_the_figures_of_the_model(int batchMessages, int messages)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var events = RandomEvents(new Random(batchMessages), messages);
        await topic.WriteAsync(events);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", $"{batchMessages}"));
        await database.ReachesAsync(topic.Name, events.Count);

        Assert.Equal(Figures(EventModel.Expected(events)), Figures(await EventModel.ReadAsync(database)));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
    }

    [Fact]
    public async Task Two_workers_and_a_rebalance_between_them_settle_contradictions_of_all_partitions()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 4);
        var events = RandomEvents(new Random(4), 300);
        (string, string)[] settings = [("Ingest__BatchMessages", "10")];
        await topic.WriteAsync(events[..100]);
        await using var first = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        await database.ReachesAsync(topic.Name, 30);
        await using var second = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        await topic.WriteAsync(events[100..200]);
        await database.ReachesAsync(topic.Name, 150);
        await first.KillAsync();
        await topic.WriteAsync(events[200..]);
        await database.ReachesAsync(topic.Name, events.Count);

        Assert.Equal(Figures(EventModel.Expected(events)), Figures(await EventModel.ReadAsync(database)));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
    }

    /// <summary>
    /// Without the keys of questions that only superseded events show, which a taken-back event leaves open, and without rows of messages that were all taken
    /// away, which stay with zeros.
    /// </summary>
    private static IEnumerable<string> Figures(IEnumerable<string> lines) => lines.Where(line =>
        !line.StartsWith("key|", StringComparison.Ordinal) && !line.StartsWith("stated|", StringComparison.Ordinal) && !line.EndsWith("|0|0", StringComparison.Ordinal));

    /// <summary>Few events and attempts, so that an event often has several claimants, and the same again.</summary>
    private static List<TestEvent> RandomEvents(Random random, int count)
    {
        List<TestEvent> events = [];
        while (events.Count < count)
        {
            var (keenId, attempt) = ($"k{random.Next(count / 3)}", $"a{random.Next(count / 12)}");
            events.Add(events.Find(message => message.KeenId == keenId && message.Attempt == attempt) ?? new TestEvent
            {
                KeenId = keenId,
                Attempt = attempt,
                Version = random.Next(50),
                Course = $"Course {random.Next(2)}",
                User = random.Next(2) == 0 ? null : $"user-{random.Next(4)}",
                Counts = (5, random.Next(6)),
                Answers = $"c{string.Concat(random.GetItems("cimu?-CIMU".ToCharArray(), random.Next(5)))}",
                Start = random.Next(100),
                Seconds = random.Next(3000) / 7d,
            });
        }

        return events;
    }

    private static async Task VerifyAsync(Topic topic, ActivityDatabase database)
    {
        var (exitCode, output, error) = await WorkerProcess.RunAsync(
            ["verify"], null, ("ConnectionStrings__kafka", topic.Servers), ("ConnectionStrings__activity", database.ConnectionString), ("Ingest__Topic", topic.Name));
        Assert.True(exitCode == 0, output + error);
    }
}
