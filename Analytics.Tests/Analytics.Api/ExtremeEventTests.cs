using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;

namespace Analytics.Tests.Analytics.Api;

/// <summary>Each field at each end of its type, absent, null and of every other type, on a database that has the data set.</summary>
public sealed class ExtremeEventTests(PostgresProcess postgres, IngestBroker broker)
{
    private const int Parts = 2;

    private static readonly string[] Fields =
    [
        "keen_id", "user_exam_id", "keen_timestamp", "keen_created_at", "started_at", "user_id", "base_exam_id", "exam_name", "certification", "max_attempts",
        "sequences", "sequences.id", "sequences.attempt", "sequences.counts", "counts.total", "counts.correct", "counts.incorrect", "counts.incomplete",
        "counts.submitted", "counts.unanswered", "counts.all_correct", "sequences.questions", "questions.id", "questions.user_result", "questions.user_correct",
        "questions.user_incomplete", "questions.user_submitted", "questions.options", "options.id", "options.checked", "options.correct", "options.submitted",
        "options.at",
    ];

    // In JSON; null for a field that is absent.
    private static readonly string?[] Tokens =
    [
        null, "null", "true", "false", "0", "-1", "1", "0.5", "2147483647", "-2147483648", "2147483648", "9223372036854775807", "-9223372036854775808", "1e308",
        "NaN",
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\U0001F600\"", $"\"{new string('x', 500)}\"", $"\"{new string('x', 501)}\"",
        $"\"{new string('\u0958', 500)}\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"-62135596800\"", "\"253402300799.9999999\"", "\"true\"", "{}", "[]", "[null]",
        "[[]]", "[{}]",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Extreme_events_end_in_one_place_each_break_no_answer_and_change_no_figure_of_other_courses()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "50"));
        await WorkerProcess.PublishAsync(topic.Servers, topic.Name, Path.Combine(Repository.Root, "data", "assessment-attempts.json.gz"));
        await database.ReachesAsync(topic.Name, DataSetApi.Messages);
        await using var api = new ApiServer(database.ConnectionString, topic.Servers, ("Ingest:Topic", topic.Name));
        var attempt = await database.ScalarAsync<string>("select min(user_exam_id) from activity.attempts where course_slug = 'learning-git'");
        var addresses = Addresses(await api.GetAsync("/openapi/v1.json"), attempt);
        var before = await AnswersAsync(api, addresses);

        (byte[]? Key, byte[]? Value, Headers? Headers)[] records =
        [
            .. Fields.SelectMany(field => Tokens, Event).Select((json, number) =>
                ((byte[]?)null, (byte[]?)Encoding.UTF8.GetBytes(json.Replace("NUMBER", $"{number}", StringComparison.Ordinal)), (Headers?)null)),
            ([], [], []), (new byte[100_000], null, null),
            (null, "{}"u8.ToArray(), new Headers { { "dead-letter-reason", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 9_000))) } }),
        ];
        Assert.InRange(records.Length, 1_000, 1_200);
        foreach (var part in records.Chunk((records.Length / Parts) + 1))
        {
            await topic.WriteAsync(part);
            var sent = topic.ReadAll().Count;
            await database.ReachesAsync(topic.Name, sent);
            Assert.Empty(await database.RowsAsync($"""
                select place from generate_series({DataSetApi.Messages}, {sent - 1}) as place
                where (select count(*) from events where kafka_offset = place) + (select count(*) from redeliveries where kafka_offset = place)
                  + (select count(*) from dead_letters where kafka_offset = place) <> 1
                """));
            var after = await AnswersAsync(api, addresses);
            Assert.All(before.Where(answer => IsOfCourse(answer.Key)), answer => Assert.Equal(answer.Value, after[answer.Key]));
        }

        await RollupOracle.CheckAsync(database);
        Assert.Equal(0, await worker.StopAsync());
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from dead_letters where reason like '%PostgreSQL%'"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(253_402_300_800_000)]
    [InlineData(long.MaxValue)]
    public async Task A_record_with_a_time_that_no_calendar_has_is_ingested(long milliseconds)
    {
        // By default a broker refuses times that are over an hour ahead.
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1, ("message.timestamp.after.max.ms", $"{long.MaxValue}"));
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = topic.Servers }).SetLogHandler((_, _) => { }).Build())
        {
            var time = new Timestamp(milliseconds, TimestampType.CreateTime);
            await producer.ProduceAsync(
                topic.Name, new Message<Null, byte[]> { Value = new TestEvent { KeenId = "k", Attempt = "a", Start = 5 }.Json(), Timestamp = time }, Cancel);
            await producer.ProduceAsync(topic.Name, new Message<Null, byte[]> { Value = "no event"u8.ToArray(), Timestamp = time }, Cancel);
        }

        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 2);

        Assert.Equal(["a|2018-01-01 00:05:00|1"],
            await database.RowsAsync("select user_exam_id, (started_at at time zone 'UTC')::text, (select count(*) from dead_letters) from attempts"));
    }

    /// <summary>Every GET of the document, of everything and of a course of the data set; each view by SQL.</summary>
    private static string[] Addresses(JsonNode document, string attempt)
    {
        List<string> addresses =
            [.. ((string[])["attempts", "answers", "courses", "exams", "questions", "options", "totals", "score_counts", "start_counts", "duration_counts",
            "events", "answer_options", "exam_versions", "exam_version_questions", "dead_letters"])
            .Select(view => $"/api/sql?query=select+count(*)+from+(select+*+from+activity.{view})+all_rows")];
        addresses.Add("/api/sql?query=select+sum(correct*100),max(duration_seconds),min(started_at),max(ended_at),sum(score)+from+attempts+where+course_slug='learning-git'");
        addresses.Add("/api/sql?query=select+sum(correct*100),max(duration_seconds),min(started_at),max(ended_at),max(implausible_start),count(implausible_counts)+from+attempts");
        addresses.AddRange(((string[])["attempts", "answers", "options"]).Select(table => $"/api/export/{table}?format=csv"));
        foreach (var (path, operations) in document["paths"]!.AsObject().Where(
            path => path.Value!["get"] is not null && path.Key is not ("/api/live" or "/api/sql" or "/api/export/{table}" or "/api/queries/{name}")))
        {
            var periods = path.Contains("{period}", StringComparison.Ordinal) ? (string[])["hour", "day", "week", "month", "hour-of-day", "weekday"] : [""];
            foreach (var period in periods)
            {
                var address = path.Replace("{period}", period, StringComparison.Ordinal).Replace("{slug}", "learning-git", StringComparison.Ordinal)
                    .Replace("{userExamId}", attempt, StringComparison.Ordinal)
                    .Replace("{id}", path.Contains("students", StringComparison.Ordinal) ? attempt : "1", StringComparison.Ordinal);
                if (RequiredOf(path) is { } required)
                {
                    addresses.Add($"{address}?{required}");
                    continue;
                }

                addresses.Add(address);
                if (operations!["get"]!["parameters"]?.AsArray().Any(parameter => (string)parameter!["name"]! == "course") is true)
                {
                    addresses.Add($"{address}?course=learning-git");
                }
            }
        }

        return [.. addresses];
    }

    /// <summary>What a path can't be asked without; null where that is nothing.</summary>
    private static string? RequiredOf(string path) => path switch
    {
        "/api/courses/compare" => "course=learning-git&course=introduction-to-python",
        "/api/courses/{slug}/questions/options" or "/api/courses/{slug}/questions/months" =>
            "exam=3cc5c507-84e9-4584-a3a3-64d0e4091ae4&question=a0326f84-8aff-44ee-83f3-1a6f88a21edf",
        _ => null,
    };

    // The summary tells all dead letters, whatever the course.
    private static bool IsOfCourse(string address) =>
        address.StartsWith("/api/", StringComparison.Ordinal) && address.Contains("learning-git", StringComparison.Ordinal)
        && !address.StartsWith("/api/summary", StringComparison.Ordinal);

    private static async Task<Dictionary<string, string>> AnswersAsync(ApiServer api, string[] addresses)
    {
        var answers = new Dictionary<string, string>();
        foreach (var address in addresses)
        {
            using var response = await api.Client.GetAsync(address, Cancel);
            var body = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.NoContent,
                $"{address} answered {(int)response.StatusCode}: {body}");
            answers[address] = body;
        }

        return answers;
    }

    private static string Event(string field, string? token)
    {
        var option = Object(("options.id", "\"o\""), ("options.checked", "true"), ("options.correct", "true"), ("options.submitted", "1"),
            ("options.at", "\"2018-01-23T14:24:00Z\""));
        var question = Object(
            ("questions.id", "\"q\""), ("questions.user_result", "\"correct\""), ("questions.user_correct", "true"), ("questions.user_incomplete", "false"),
            ("questions.user_submitted", "true"), ("questions.options", $"[{option}]"));
        var counts = Object(
            ("counts.total", "2"), ("counts.correct", "1"), ("counts.incorrect", "1"), ("counts.incomplete", "0"), ("counts.submitted", "2"),
            ("counts.unanswered", "0"),
            ("counts.all_correct", "false"));
        var sequences = Object(("sequences.id", "\"s\""), ("sequences.attempt", "1"), ("sequences.counts", counts), ("sequences.questions", $"[{question}]"));
        return Object(
            ("keen_id", "\"x-NUMBER\""), ("user_exam_id", "\"x-NUMBER\""), ("keen_timestamp", "\"1516717442.735266\""),
            ("keen_created_at", "\"1516717442.735266\""),
            ("started_at", "\"2018-01-23T14:23:19Z\""), ("user_id", "\"extreme user\""), ("base_exam_id", "\"extreme exam\""), ("exam_name", "\"Extreme\""),
            ("certification", "\"false\""), ("max_attempts", "\"1.0\""), ("sequences", sequences));

        string Object(params (string Path, string Token)[] members) => $"{{{string.Join(',', members
            .Select(member => member.Path == field ? (member.Path, Token: token) : member)
            .Where(member => member.Token is not null)
            .Select(member => $"\"{member.Path.Split('.')[^1]}\":{member.Token}"))}}}";
    }
}
