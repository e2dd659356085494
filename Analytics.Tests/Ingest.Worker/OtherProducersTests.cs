using System.Text;
using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>What others put on the topic, each in its own way.</summary>
public sealed class OtherProducersTests(PostgresProcess postgres, IngestBroker broker)
{
    [Fact]
    public async Task An_event_is_ingested_under_whatever_key_and_the_newest_version_holds()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        var older = new TestEvent { KeenId = "k1", Attempt = "attempt-1", Version = 1, Course = "Before" };
        var newer = older with { KeenId = "k2", Version = 2, Course = "After" };
        await topic.WriteAsync(
        [
            (Topic.Key("student-17"), newer.Json(), null),
            (Topic.Key("\"attempt-1\""), older.Json(), null),
            (Topic.Key("ATTEMPT-1"), older.Json(), null),
            ([], older.Json(), null),
            (null, older.Json(), null),
            (null, [0xEF, 0xBB, 0xBF, .. (older with { KeenId = "k3", Attempt = "attempt-2" }).Json()], null),
        ]);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 6);

        Assert.Equal(["attempt-1|k2|After", "attempt-2|k3|Before"], await database.RowsAsync("""
            select user_exam_id, keen_id, name from attempts join exams using (exam_id) join courses using (course_id) order by 1
            """));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_letters"));
    }

    [Fact]
    public async Task Envelopes_are_unpacked_and_other_formats_are_named()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        var json = Encoding.UTF8.GetString(new TestEvent { KeenId = "k", Attempt = "a" }.Json());
        string[] messages =
        [
            $$"""{"schema":{"type":"struct"},"payload":{{json}}}""",
            """{"actor":{"mbox":"mailto:a@example.com"},"verb":{"id":"v"},"object":{"id":"o"}}""",
            """{"sensor":"s","sendTime":"2018-01-23T14:23:19Z","data":[]}""",
            """{"username":"u","event_type":"problem_check","time":"t","event":{}}""",
        ];
        await topic.WriteAsync(messages.Select(message => ((byte[]?)null, (byte[]?)Encoding.UTF8.GetBytes(message), (Headers?)null)));
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, messages.Length);

        Assert.Equal(["k|a"], await database.RowsAsync("select keen_id, user_exam_id from attempts"));
        Assert.Equal(
            ["This is an xAPI statement", "This is a Caliper envelope", "This is a line of an edX tracking log"],
            await database.RowsAsync("select split_part(reason, ',', 1) from dead_letters order by kafka_offset"));
    }

    [Fact]
    public async Task A_dead_letter_names_its_file_and_line_and_is_marked_once_it_was_repaired()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("january.ndjson"), """
            {"keen_id":"k1","user_exam_id":"a1"}
            {"keen_id":"k2"}
            {"keen_id":"k3"}
            """, Deadline.Token);
        await WorkerProcess.PublishAsync(topic.Servers, topic.Name, folder.In("january.ndjson"));
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 3);

        Assert.Equal(
            ["1|january.ndjson|2|user_exam_id is missing.|", "2|january.ndjson|3|user_exam_id is missing.|"],
            await database.RowsAsync("select dead_letter_id, source_file, source_line, reason, repaired_at from activity.dead_letters order by 1"));

        await topic.WriteAsync(
        [
            (null, new TestEvent { KeenId = "k2", Attempt = "a2" }.Json(), new Headers { { "replay-of", "1"u8.ToArray() } }),
            (null, "still none"u8.ToArray(), new Headers { { "replay-of", "2"u8.ToArray() } }),
        ]);
        await database.ReachesAsync(topic.Name, 5);

        Assert.Equal(
            ["1||True|True", "2||True|False", "3|2|False|False"],
            await database.RowsAsync(
                "select dead_letter_id, replay_of, replayed_at is not null, repaired_at is not null from activity.dead_letters order by 1"));
    }
}
