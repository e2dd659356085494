using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>The tables equal a plain model of the messages, whatever their order and however they are cut into batches.</summary>
public sealed class ExactlyOnceTests(PostgresProcess postgres, IngestBroker broker)
{
    private static readonly (int, int)[] ImplausibleCounts = [(21474837, 21474837), (1, 1), (0, 0), (32768, 0), (int.MaxValue, int.MaxValue)];
    private static readonly int[] ImplausibleStarts =
        [TestEvent.Minutes(1, 1, 2), TestEvent.Minutes(1970, 1, 1), TestEvent.Minutes(1999, 12, 31), TestEvent.Minutes(2100, 1, 1)];

    [Theory]
    [InlineData(1, 150)]
    [InlineData(7, 1500, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    [InlineData(5000, 6000)]
    public async Task Any_order_and_any_batches_end_in_the_figures_of_the_model(int batchMessages, int messages)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var events = RandomEvents(new Random(batchMessages), messages);
        await topic.WriteAsync(events);

        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", $"{batchMessages}"));
        await database.ReachesAsync(topic.Name, events.Count);

        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
        Assert.Equal(0, await worker.StopAsync());
    }

    [Fact]
    public async Task A_late_older_event_changes_no_attempt_and_a_newer_one_takes_away_what_it_replaces()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var first = new TestEvent { KeenId = "k1", Attempt = "a", Version = 10, Course = "Before", User = "u1", Certification = true, Counts = (4, 1), Left = (1, 2), Answers = "ciCu", Start = 5, Seconds = 30 };
        var newer = first with { KeenId = "k2", Version = 20, Course = "After", User = "u2", Certification = false, Counts = (4, 3), Left = (0, 0), Answers = "cc", Start = 50, Seconds = 61.5 };
        var older = first with { KeenId = "k0", Version = 5, Course = "Long before" };
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);

        TestEvent[] all = [first, newer, older, newer];
        for (var i = 0; i < all.Length; i++)
        {
            await topic.WriteAsync([all[i]]);
            await database.ReachesAsync(topic.Name, i + 1);
            Assert.Equal(EventModel.Expected(all[..(i + 1)]), await EventModel.ReadAsync(database));
        }

        Assert.Equal(["After|u2|1"], await database.RowsAsync("select name, user_id, attempts from course_users join courses using (course_id) where attempts > 0"));
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task An_attempt_that_is_replaced_by_one_of_another_version_leaves_the_first()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var other = new TestEvent { KeenId = "k0", Attempt = "b", Version = 10, Answers = "ci" };
        var first = new TestEvent { KeenId = "k1", Attempt = "a", Version = 10, Answers = "cc" };
        var newer = first with { KeenId = "k2", Version = 20, Answers = "c-iI" };
        var back = first with { KeenId = "k3", Version = 30, Answers = "ic" };
        var none = first with { KeenId = "k4", Version = 40, Answers = "" };
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);

        TestEvent[] all = [other, first, newer, newer, back, none];
        string[] versions = ["1 2|1", "1 2|2", "1 2|1 1 3|1", "1 2|1 1 3|1", "1 2|2", "1 2|1"];
        for (var i = 0; i < all.Length; i++)
        {
            await topic.WriteAsync([all[i]]);
            await database.ReachesAsync(topic.Name, i + 1);
            Assert.Equal(EventModel.Expected(all[..(i + 1)]), await EventModel.ReadAsync(database));
            Assert.Equal([versions[i]], await database.RowsAsync("""
                select string_agg(questions || '|' || attempts, ' ' order by questions)
                from (
                  select string_agg(right(question_id, 1), ' ' order by question_id) as questions, attempts
                  from activity.exam_version_questions join activity.exam_versions using (course_slug, base_exam_id, exam_version) group by exam_version, attempts) as sets
                """));
        }

        await RollupOracle.CheckAsync(database);
    }

    [Theory]
    [InlineData("k1 k2 k3 k4")]
    [InlineData("k4 k3 k2 k1")]
    [InlineData("k3 k1 k4 k2", Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task A_corrected_answer_key_holds_whatever_the_order_of_arrival(string order)
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events =
        [
            new() { KeenId = "k1", Attempt = "a", Version = 10, Right = "wrong" },
            new() { KeenId = "k2", Attempt = "b", Version = 10, Right = "wrong" },
            new() { KeenId = "k3", Attempt = "a", Version = 20, Right = "right" },
            new() { KeenId = "k4", Attempt = "c", Version = 30, Right = "none" },
        ];
        await topic.WriteAsync(order.Split(' ').Select(id => events.Single(message => message.KeenId == id)));
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "1"));
        await database.ReachesAsync(topic.Name, events.Length);

        Assert.Equal(["right-1"], await database.RowsAsync("select option_id from activity.options where is_correct"));
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
    }

    /// <summary>Few attempts, users and exams, so that everything that can happen to an attempt happens often.</summary>
    private static List<TestEvent> RandomEvents(Random random, int count)
    {
        var events = new List<TestEvent>(count);
        while (events.Count < count)
        {
            if (events.Count > 0 && random.Next(4) == 0)
            {
                events.Add(events[random.Next(events.Count)]);
                continue;
            }

            events.Add(new TestEvent
            {
                KeenId = $"k{random.Next(int.MaxValue):x8}-{events.Count}",
                Attempt = $"a{random.Next(count / 3)}",
                Version = random.Next(10) switch { 0 => null, 1 => 1_514_764_800, _ => random.Next(5) },
                Course = random.Next(20) == 0 ? null : $"Course {random.Next(3)}",
                Exam = random.Next(20) == 0 ? null : $"exam-{random.Next(2)}",
                User = random.Next(2) == 0 ? null : $"user-{random.Next(8)}",
                Certification = random.Next(5) == 0,
                Counts = random.Next(10) switch { 0 or 1 => null, 2 => random.GetItems(ImplausibleCounts, 1)[0], _ => (5, random.Next(6)) },
                Left = random.Next(4) switch { 0 => null, 1 => (0, 0), _ => (random.Next(3), random.Next(3)) },
                Answers = random.Next(12) == 0 ? "" : "c" + string.Concat(random.GetItems("cimu?-CIMU".ToCharArray(), random.Next(5))),
                Right = random.Next(8) switch { 0 => "none", 1 => "wrong", _ => "right" },
                Start = random.Next(16) switch { 0 or 1 => null, 2 => random.GetItems(ImplausibleStarts, 1)[0], 3 => 366 * 1440 + random.Next(2), _ => random.Next(100) },
                Seconds = random.Next(6) switch { 0 => null, 1 => -random.Next(1, 100), 2 => 86_400 + random.Next(100), _ => random.Next(3000) / 7d },
            });
        }

        var shuffled = events.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }
}
