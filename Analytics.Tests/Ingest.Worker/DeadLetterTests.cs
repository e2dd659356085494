using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>What is no event is kept whole with its reason, and stops nothing.</summary>
public sealed class DeadLetterTests(PostgresProcess postgres, IngestBroker broker)
{
    [Fact]
    public async Task Each_kind_of_dead_letter_is_kept_whole_with_its_reason()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        var good = new TestEvent { KeenId = "k", Attempt = "a" };
        var marked =
            new Headers { { "dead-letter-reason", "The file ends here."u8.ToArray() }, { "source-file", "x.json"u8.ToArray() }, { "raw", [0xFF, 0x00] } };
        await topic.WriteAsync(
        [
            (null, "not json"u8.ToArray(), null),
            (Topic.Key(""), null, null),
            (null, """{"user_exam_id":"a"}"""u8.ToArray(), null),
            (null, [0x7B, 0xFF], marked),
            (null, good.Json(), null),
        ]);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 5);

        Assert.Equal(
            [
                "0|not json||{}|The event is broken JSON, at byte 1.",
                "1|||{}|The message has no value, and no key that would say what it erases.",
                """2|{"user_exam_id":"a"}||{}|keen_id is missing.""",
                """3|\x7bff||{"raw": {"base64": "/wA="}, "source-file": "x.json", "dead-letter-reason": "The file ends here."}|The file ends here.""",
            ],
            await database.RowsAsync("""
                select kafka_offset, case when value = '\x7bff' then value::text else convert_from(value, 'utf8') end, convert_from(key, 'utf8'), headers, reason
                from dead_letters order by kafka_offset
                """));
        Assert.Equal(1, await database.ScalarAsync<long>("select count(*) from attempts"));
        Assert.True(await database.ScalarAsync<bool>("select bool_and(kafka_timestamp > now() - interval '1 hour') from dead_letters"));
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task Of_a_batch_only_the_event_that_the_database_refuses_becomes_a_dead_letter()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 2);

        // The reader lets nothing through that the tables are known not to hold.
        await database.ExecuteAsync("alter table events add check (user_exam_id <> 'unloved')");
        var events =
            Enumerable.Range(0, 200).Select(i => new TestEvent { KeenId = $"k{i}", Attempt = i == 77 ? "unloved" : $"a{i % 150}", Version = i }).ToList();
        await topic.WriteAsync(events);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, events.Count);

        var reason = Assert.Single(await database.RowsAsync("select reason from dead_letters"));
        Assert.Equal("The tables can't hold a value of the event (PostgreSQL's error 23514; the worker's log has its words).", reason);
        events.RemoveAt(77);
        Assert.Equal(EventModel.Expected(events), await EventModel.ReadAsync(database));
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task Offsets_that_Kafka_deleted_before_they_were_ingested_leave_a_dead_letter()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events = [.. Enumerable.Range(0, 10).Select(i => new TestEvent { KeenId = $"k{i}", Attempt = $"a{i}" })];
        await topic.WriteAsync(events[..2]);
        await using (var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name))
        {
            await database.ReachesAsync(topic.Name, 2);
            Assert.Equal(0, await worker.StopAsync());
        }

        await topic.WriteAsync(events[2..]);
        await topic.DeleteBeforeAsync(0, 6);
        await using var next = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await next.SaysAsync("Kafka deleted the offsets 2 to 5 before they were ingested.");
        await database.ReachesAsync(topic.Name, 7);

        Assert.Equal(
            ["2|Kafka deleted the offsets 2 to 5 before they were ingested."], await database.RowsAsync("select kafka_offset, reason from dead_letters"));
        Assert.Equal(10, await database.ScalarAsync<long>("select next_offset from ingest_partitions"));
        Assert.Equal(EventModel.Expected([.. events[..2], .. events[6..]]), await EventModel.ReadAsync(database));
    }

    [Fact]
    public async Task A_topic_whose_beginning_was_deleted_before_the_first_worker_came_starts_where_it_begins()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        TestEvent[] events = [.. Enumerable.Range(0, 5).Select(i => new TestEvent { KeenId = $"k{i}", Attempt = $"a{i}" })];
        await topic.WriteAsync(events);
        await topic.DeleteBeforeAsync(0, 3);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 2);

        Assert.Equal(EventModel.Expected(events[3..]), await EventModel.ReadAsync(database));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_letters"));
    }
}
