using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;
using Assessments;
using Confluent.Kafka;

namespace Analytics.Tests.Analytics.Api;

/// <summary>Counts and starts that can't be: kept, told, and in no figure.</summary>
public sealed class ImplausibleTests(SmallWorldApi world, PostgresProcess postgres, IngestBroker broker) : IClassFixture<SmallWorldApi>
{
    private static readonly TestEvent Sane = new()
    {
        KeenId = "sane",
        Attempt = "sane",
        Version = 1_516_717_442,
        Course = "Sane",
        Counts = (4, 3),
        Left = (0, 1),
        Answers = "cciu",
        Start = TestEvent.Minutes(2018, 1, 23),
        Seconds = 60,
    };

    private static readonly string[] Answers =
    [
        "/api/summary", "/api/courses", "/api/courses/sane", "/api/exams", "/api/scores", "/api/scores?count=attempts", "/api/attempts",
        "/api/attempts/durations", "/api/attempts/by/hour", "/api/attempts/by/day?tz=Europe/Berlin", "/api/attempts/by/week?tz=Asia/Kolkata",
        "/api/attempts/by/month?tz=Pacific/Kiritimati", "/api/attempts/by/hour-of-day?tz=America/Los_Angeles",
        "/api/attempts/by/weekday?tz=Australia/Lord_Howe", "/api/attempts?from=1970-01-01&to=2999-12-31&tz=Asia/Tokyo",
        "/api/sql?query=select+sum(correct*100),sum(total*100),min(started_at),max(started_at)+from+activity.attempts",
        "/api/sql?query=select+*+from+activity.totals", "/api/sql?query=select+*+from+activity.courses", "/api/sql?query=select+*+from+activity.score_counts",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_event_with_what_cannot_be_changes_no_figure_of_the_others_and_is_told()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var api = new ApiServer(database.ConnectionString);
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync([Sane]);
        await database.ReachesAsync(topic.Name, 1);
        var (scores, durations, hours) =
            (await api.GetAsync("/api/scores"), await api.GetAsync("/api/attempts/durations"), await api.GetAsync("/api/attempts/by/hour?tz=Europe/Berlin"));

        string[] starts = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2019-01-24T14:24:03Z", "2035-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z"];
        (int Total, int Correct)[] counts = [(21474837, 21474837), (32768, 0), (0, 0), (40_000, 1), (int.MaxValue, 0), (int.MaxValue, int.MaxValue)];
        var number = 1;
        foreach (var (start, count) in starts.Zip(counts))
        {
            var odd = Sane with { KeenId = $"odd-{number}", Attempt = $"odd-{number}", Counts = count };
            var json = Encoding.UTF8.GetString(odd.Json()).Replace("2018-01-23T00:00:00.0000000Z", start, StringComparison.Ordinal);
            await topic.WriteAsync([(null, Encoding.UTF8.GetBytes(json), (Headers?)null)]);
            await database.ReachesAsync(topic.Name, ++number);
            foreach (var address in Answers)
            {
                await api.GetAsync(address);
            }

            foreach (var report in (string[])["/report", "/report.md", "/report?course=sane&tz=Asia/Tokyo", "/report.md?from=1970-01-01"])
            {
                using var response = await api.Client.GetAsync(report, Cancel);
                var text = await response.Content.ReadAsStringAsync(Cancel);
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{report}: {text}");
                Assert.Contains("23 Jan 2018", text, StringComparison.Ordinal);
                Assert.Contains("that can’t be", text, StringComparison.Ordinal);
            }
        }

        Same(scores, await api.GetAsync("/api/scores"), "unscored", "implausibleCounts", "passRate");
        Same(durations, await api.GetAsync("/api/attempts/durations"), "unknown", "implausibleStarts");
        Same(hours, await api.GetAsync("/api/attempts/by/hour?tz=Europe/Berlin"), "implausibleStarts");
        foreach (var (address, counted) in (IEnumerable<(string, string)>)
            [("/api/summary", "implausibleCounts"), ("/api/summary", "implausibleStarts"), ("/api/courses/sane", "implausibleCounts"),
                ("/api/scores", "implausibleCounts"),
            ("/api/attempts/by/weekday?tz=Asia/Tokyo", "implausibleStarts"), ("/api/attempts/durations", "implausibleStarts")])
        {
            Assert.Equal(starts.Length, (long)(await api.GetAsync(address))[counted]!);
        }

        var attempt = await api.GetAsync("/api/attempts/odd-1");
        Assert.Null(attempt["startedAt"]);
        Assert.Equal("0001-01-01T00:00:00+00:00", (string)attempt["implausibleStart"]!);
        Assert.Null(attempt["score"]);
        Assert.Equal((21474837, 21474837), ((long)attempt["implausibleCounts"]!["total"]!, (long)attempt["implausibleCounts"]!["correct"]!));
        Assert.Equal(
            ["sane"], (await api.GetAsync("/api/attempts?from=1970-01-01&to=2999-12-31"))["attempts"]!.AsArray().Select(row => (string)row!["userExamId"]!));
        Assert.Equal(7, (await api.GetAsync("/api/attempts?limit=7"))["attempts"]!.AsArray().Count);
        await RollupOracle.CheckAsync(database);
    }

    [Fact]
    public async Task Where_no_start_is_plausible_the_report_says_so()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var api = new ApiServer(database.ConnectionString);
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        await topic.WriteAsync([Sane with { Start = TestEvent.Minutes(1970, 1, 1) }]);
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await database.ReachesAsync(topic.Name, 1);

        foreach (var report in (string[])["/report", "/report.md"])
        {
            using var response = await api.Client.GetAsync(report, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("1 attempt states a start that can’t be", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Empty((await api.GetAsync("/api/attempts/by/hour?tz=Asia/Kolkata"))["periods"]!.AsArray());
    }

    [Fact]
    public async Task A_database_of_before_is_brought_to_the_same_figures()
    {
        var connection = await world.CreateFirstDatabaseAsync();
        await using var database = new ActivityDatabase(connection);
        await database.ExecuteAsync("""
            insert into courses (name, slug) values ('C', 'c');
            insert into exams (course_id, base_exam_id) values (1, 'e');
            insert into events (keen_id, user_exam_id, redeliveries) values ('k1', 'a1', 0), ('k2', 'a2', 2), ('k3', 'a3', 0), ('k4', 'a4', 0), ('k5', 'a4', 0);
            insert into attempts (user_exam_id, keen_id, version, exam_id, started_at, ended_at, certification, total, correct, incomplete, unanswered) values
              ('a1', 'k1', 15167174420000000, 1, '2018-01-23T10:00:00Z', null, false, 4, 3, 0, 1),
              ('a2', 'k2', 15167174420000000, 1, '0001-01-01T00:00:00Z', null, false, 21474837, 21474837, 0, 0),
              ('a3', 'k3', 15167174420000000, 1, '2019-01-25T10:00:00Z', null, false, 4, 3, 5, 0),
              ('a4', 'k5', 0, 1, '2018-01-23T10:05:00Z', null, false, 4, 3, 0, 0);
            insert into exam_totals (exam_id, messages, redeliveries, attempts, unnamed_attempts) values (1, 7, 2, 4, 4);
            insert into exam_scores (exam_id, total, correct, messages, attempts) values (1, 4, 3, 3, 3), (1, 21474837, 21474837, 3, 1), (1, 5, 6, 1, 0);
            insert into exam_starts (exam_id, quarter, messages, attempts) values
              (1, '2018-01-23T10:00:00Z', 2, 2), (1, '0001-01-01T00:00:00Z', 3, 1), (1, '2019-01-25T10:00:00Z', 1, 1), (1, '1970-01-01Z', 1, 0);
            insert into ingest_partitions (topic, topic_id, partition, messages) values ('t', 'T', 0, 7);
            """);

        await DatabaseSchema.MigrateAsync(connection, Cancel);

        await RollupOracle.CheckAsync(database);
        Assert.Equal(["5|2|5|2"], await database.RowsAsync(
            "select implausible_count_messages, implausible_count_attempts, implausible_start_messages, implausible_start_attempts from exam_totals"));
        Assert.Equal(["4|3|2|2"], await database.RowsAsync("select total, correct, messages, attempts from exam_scores"));
        Assert.Equal(["2|2"], await database.RowsAsync("select messages, attempts from exam_starts where messages > 0"));
        Assert.Equal("""{"total": 21474837, "correct": 21474837, "incomplete": 0, "unanswered": 0}""", await database.ScalarAsync<string>(
            "select implausible_counts::text from attempts where user_exam_id = 'a2'"));
    }

    private static void Same(JsonNode before, JsonNode after, params string[] but)
    {
        var (one, other) = (before.AsObject(), after.AsObject());
        foreach (var name in but)
        {
            one.Remove(name);
            other.Remove(name);
        }

        Assert.Equal(one.ToJsonString(), other.ToJsonString());
    }
}
