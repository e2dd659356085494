using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A student who is erased is gone from rows and figures, as if never there, and stays so whatever comes later.</summary>
public sealed class ErasureTests(PostgresProcess postgres, IngestBroker broker)
{
    private static readonly TestEvent One = new()
    {
        KeenId = "k1",
        Attempt = "a",
        Version = 10,
        Course = "Git",
        User = "u1",
        Counts = (4, 1),
        Left = (1, 2),
        Answers = "ciCu",
        Start = 5,
        Seconds = 30,
    };

    [Fact]
    public async Task Erased_in_the_middle_of_a_flowing_topic_a_student_leaves_the_figures_of_a_topic_without()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var events = StudentEvents(new Random(5), 900);
        (string, string)[] settings = [("Ingest__BatchMessages", "40")];
        await using var first = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        await using var second = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, settings);
        var writing = WriteInPartsAsync();
        await database.ReachesAsync(topic.Name, 200);
        await EraseAsync(topic, database, "user-1");
        await EraseAsync(topic, database, "a7"); // Of attempts without a user.
        await writing;
        await database.ReachesAsync(topic.Name, events.Count);

        List<TestEvent> left = [.. Without(events, "user-1", "a7")];
        Assert.InRange(left.Count, 300, 800);
        Assert.Equal(EventModel.Expected(left), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from course_users where user_id = 'user-1'"));
        Assert.Equal(events.Count - left.Count, await database.ScalarAsync<long>("select sum(erased)::bigint from ingest_partitions"));

        async Task WriteInPartsAsync()
        {
            foreach (var part in events.Chunk(60))
            {
                await topic.WriteAsync(part);
            }
        }
    }

    [Fact]
    public async Task Asked_twice_and_sent_again_a_student_stays_erased_and_only_the_mark_is_left()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var anonymous = One with { KeenId = "k0", Version = 5, User = null };
        var other = new TestEvent { KeenId = "k9", Attempt = "b", User = "u2", Course = "GIT", Counts = (4, 2) };
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync([One, anonymous, One, other]);
        await topic.WriteAsync(
        [
            (null, """{"user_id": "u1", "started_at":"""u8.ToArray(), null),
            (Topic.Key("a"), "no JSON"u8.ToArray(), null),
            (null, "nobody's"u8.ToArray(), null),
        ]);
        await database.ReachesAsync(topic.Name, 7);

        Assert.Equal("Erased 1 attempt with 3 messages and 2 dead letters; a mark keeps out what may still come.", await EraseAsync(topic, database, "u1"));
        Assert.Equal("Nothing of this student is in the tables; a mark keeps out what may still come.", await EraseAsync(topic, database, "u1"));
        Assert.Equal("Nothing of this student is in the tables; a mark keeps out what may still come.", await EraseAsync(topic, database, "nobody"));
        await topic.WriteAsync([One, anonymous, One with { KeenId = "k3", Attempt = "c", Version = 30 }]);
        await topic.WriteAsync([(null, """{"user_exam_id": "a", """u8.ToArray(), null)]);
        await database.ReachesAsync(topic.Name, 11);

        Assert.Equal(EventModel.Expected([other]), await EventModel.ReadAsync(database));
        Assert.Equal(["GIT|git"], await database.RowsAsync("select name, slug from courses")); // The plain slug had been of "Git".
        Assert.Equal(["nobody's"], await database.RowsAsync("select convert_from(value, 'UTF8') from dead_letters"));
        Assert.Equal(
            ["attempt|a", "attempt|c", "student|nobody", "student|u1"],
            await database.RowsAsync("""
                select kind, id
                from erasures join (values ('u1'), ('nobody'), ('a'), ('c')) as ids (id) on id_hash = sha256(convert_to(id, 'UTF8'))
                order by 1, 2
                """));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
    }

    [Fact]
    public async Task Of_an_attempt_of_which_one_event_names_the_student_every_event_is_erased_in_any_order()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events =
        [
            One with { User = null },
            One with { KeenId = "k2", Version = 20 },
            One with { KeenId = "k3", Version = 30, User = "u2" },
            One with { KeenId = "k4", Attempt = "b", User = "u2" },
        ];
        await topic.WriteAsync([events[0], events[1], events[2], events[3], events[2], events[0], events[3], events[1]]);

        foreach (var batchMessages in (string[])["1", "5000"])
        {
            await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
            await EraseAsync(topic, database, "u1");
            await using var worker = WorkerProcess.Ingest(
                topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", batchMessages), ("Ingest__Group", $"group-{batchMessages}"));
            await database.ReachesAsync(topic.Name, 8);
            Assert.Equal(EventModel.Expected([events[3], events[3]]), await EventModel.ReadAsync(database));
            await RollupOracle.CheckAsync(database);
            await VerifyAsync(topic, database);
        }
    }

    [Fact]
    public async Task The_keen_id_and_the_answer_key_of_an_erased_attempt_go_to_those_who_have_them_next()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events =
        [
            new() { KeenId = "k1", Attempt = "c", User = "u3", Version = 10, Answers = "ci" },
            new() { KeenId = "k1", Attempt = "b", User = "u1", Version = 20, Answers = "cii" },
            new() { KeenId = "k1", Attempt = "a", User = "u1", Version = 30, Answers = "cii", Right = "wrong" },
            new() { KeenId = "k2", Attempt = "d", User = "u4", Version = 12, Answers = "c", Right = "wrong" },
            new() { KeenId = "k3", Attempt = "d", User = "u4", Version = 15, Answers = "c", Right = "none" },
        ];
        await topic.WriteAsync(events);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "1"));
        await database.ReachesAsync(topic.Name, events.Length);
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));

        await EraseAsync(topic, database, "u1");

        Assert.Equal(EventModel.Expected([events[0], events[3], events[4]]), await EventModel.ReadAsync(database));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_letters"));
        await RollupOracle.CheckAsync(database);
        await VerifyAsync(topic, database);
    }

    [Fact]
    public async Task A_tombstone_erases_the_attempt_or_the_student_that_its_key_names_and_a_topic_read_again_gives_the_same()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events = [.. Enumerable.Range(0, 6).Select(i => One with { KeenId = $"k{i}", Attempt = $"a{i}", User = $"u{i / 2}" })];
        await topic.WriteAsync(events);
        await topic.WriteAsync(
        [
            (Topic.Key("a0"), null, null),
            (Topic.Key("u1"), null, new Headers { { "erase", "student"u8.ToArray() } }),
            (Topic.Key("a4"), null, new Headers { { "erase", "attempt"u8.ToArray() } }),
            (Topic.Key("a5"), null, new Headers { { "erase", "everybody"u8.ToArray() } }),
            ([0xFF], null, null),
            (Topic.Key("u2"), null, null), // No attempt is called so.
        ]);
        await topic.WriteAsync([events[0], events[2] with { KeenId = "k9", Attempt = "a9" }, events[5]]);

        foreach (var batchMessages in (string[])["1", "7", "5000"])
        {
            await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
            await using var worker = WorkerProcess.Ingest(
                topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", batchMessages), ("Ingest__Group", $"group-{batchMessages}"));
            await database.ReachesAsync(topic.Name, 15);
            Assert.Equal(EventModel.Expected([events[1], events[5], events[5]]), await EventModel.ReadAsync(database));
            Assert.Equal(
                [
                    "The message has no value, and its header erase is neither attempt nor student.",
                    "The message has no value, and its key is no id: UTF-8 text of at most 500 characters.",
                ],
                await database.RowsAsync("select reason from dead_letters order by kafka_offset"));
            await RollupOracle.CheckAsync(database);
            await VerifyAsync(topic, database);
        }
    }

    /// <summary>Erases, and returns what the verb says.</summary>
    internal static async Task<string> EraseAsync(Topic topic, ActivityDatabase database, string student)
    {
        var (exitCode, output, error) = await WorkerProcess.RunAsync(["erase", student], null, topic.Settings(database));
        Assert.True(exitCode == 0, output + error);
        return output.Trim();
    }

    internal static async Task VerifyAsync(Topic topic, ActivityDatabase database)
    {
        var (exitCode, output, error) = await WorkerProcess.RunAsync(["verify"], null, topic.Settings(database));
        Assert.True(exitCode == 0, output + error);
    }

    /// <summary>What a topic would hold on which the students had never been.</summary>
    internal static IEnumerable<TestEvent> Without(IReadOnlyCollection<TestEvent> events, params string[] students)
    {
        var attempts = events
            .Where(message => students.Contains(message.User ?? message.Attempt))
            .Select(message => message.Attempt)
            .ToHashSet(StringComparer.Ordinal);
        return events.Where(message => !attempts.Contains(message.Attempt));
    }

    /// <summary>Redeliveries, replacements by the same or another user or none, and keen_ids that several attempts claim.</summary>
    internal static List<TestEvent> StudentEvents(Random random, int count)
    {
        var (events, shared) = (new List<TestEvent>(count), new HashSet<(int, int)>());
        while (events.Count < count)
        {
            if (events.Count > 0 && random.Next(5) == 0)
            {
                events.Add(events[random.Next(events.Count)]);
                continue;
            }

            var attempt = random.Next(count / 4);
            events.Add(new TestEvent
            {
                KeenId = random.Next(20) == 0 && shared.Add((events.Count % 20, attempt))
                    ? $"shared-{events.Count % 20}"
                    : $"k{events.Count}-{random.Next(1 << 20)}",
                Attempt = $"a{attempt}",
                Version = random.Next(1, 6),
                Course = $"Course {random.Next(4)}",
                Exam = $"exam-{random.Next(3)}",
                User = (attempt + random.Next(10) / 9) % 6 is > 0 and var user ? $"user-{user}" : null,
                Counts = random.Next(5) == 0 ? null : (5, random.Next(6)),
                Left = random.Next(3) == 0 ? null : (random.Next(3), random.Next(3)),
                Answers = random.Next(8) == 0 ? "" : "c" + string.Concat(random.GetItems("cimu?-C".ToCharArray(), random.Next(4))),
                Right = random.Next(6) switch { 0 => "none", 1 => "wrong", _ => "right" },
                Start = random.Next(8) == 0 ? null : random.Next(3000),
                Seconds = random.Next(4) == 0 ? null : random.Next(4000) / 7d,
            });
        }

        return events;
    }
}
