using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Analytics.Tests.Analytics.Api;
using Analytics.Tests.Native.Hosting;
using Assessments;
using Confluent.Kafka;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>Records with random damage: each ends in one place, none stops the stream, breaks an answer or makes a wrong number.</summary>
public sealed partial class MutationTests(PostgresProcess postgres, IngestBroker broker)
{
    private static readonly string[] Tokens =
    [
        "null", "true", "false", "0", "-1", "0.5", "32768", "2147483647", "9223372036854775807", "1e308", "NaN", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"253402300799\"", "{}", "[]", "[null]", "[{}]", "\"user_exam_id\"",
    ];

    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(2, 100_000, Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Each_damaged_record_ends_in_one_place_and_every_figure_is_right(int seed, int count)
    {
        var records = await RecordsAsync();
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("Ingest__BatchMessages", "500"));
        var random = new Random(seed);
        for (var sent = 0; sent < count; sent += 1_000)
        {
            await topic.WriteAsync([.. Enumerable.Range(0, 1_000).Select(_ => ((byte[]?)null, (byte[]?)Mutated(records, random), (Headers?)null))]);
            await database.ReachesAsync(topic.Name, sent + 1_000);
        }

        Assert.Equal(
            count,
            await database.ScalarAsync<long>("""
                select count(distinct (place_id, kafka_offset))
                from (
                  select place_id, kafka_offset from events
                  union all select place_id, kafka_offset from redeliveries
                  union all select place_id, kafka_offset from dead_letters join ingest_partitions using (topic, topic_id, partition)) as ends
                having count(*) = count(distinct (place_id, kafka_offset))
                """));
        Assert.InRange(await database.ScalarAsync<long>("select sum(messages)::bigint from ingest_partitions"), count / 10, count * 9 / 10);
        await RollupOracle.CheckAsync(database);
        await ErasureTests.VerifyAsync(topic, database);

        await using var api = new ApiServer(database.ConnectionString);
        foreach (
            var path in (string[])["/api/summary", "/api/courses", "/api/attempts", "/api/scores", "/api/attempts/durations", "/api/students", "/report.md"])
        {
            using var answer = await api.Client.GetAsync(path, Deadline.Token);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {await answer.Content.ReadAsStringAsync(Deadline.Token)}");
        }

        Assert.Equal(0, await worker.StopAsync());
    }

    /// <summary>The real records where they lie beside the repository, else as many of the data set, which has their shapes.</summary>
    private static async Task<string[]> RecordsAsync()
    {
        var real = Path.Combine(Repository.Root, "../shared/reference/attempts-sample.ndjson");
        var file = File.Exists(real) ? real : Path.Combine(Repository.Root, "data/assessment-attempts.json.gz");
        var records = new List<string>();
        await using var stream = await EventFile.UncompressAsync(File.OpenRead(file), Deadline.Token);
        await foreach (var slice in EventFile.ReadAsync(stream, cancellationToken: Deadline.Token))
        {
            records.Add(Encoding.UTF8.GetString(slice.Bytes.Span));
            if (records.Count == 10)
            {
                break;
            }
        }

        return [.. records];
    }

    /// <summary>A record with one to three values replaced by others, or bytes changed, lost or doubled.</summary>
    private static byte[] Mutated(string[] records, Random random)
    {
        // Ids of their own, else few of the ids would be of all: what comes of the same number is delivered again, what comes of its half is of the same
        // attempt.
        var number = random.Next(50_000);
        var json = Id().Replace(records[random.Next(records.Length)], id => id.Value.Contains("keen", StringComparison.Ordinal)
            ? $"\"keen_id\":\"{number:x24}\""
            : $"\"user_exam_id\":\"attempt-{number / 2}\"");
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var values = Value().Matches(json);
            var value = values[random.Next(values.Count)];
            var other = random.Next(3) switch
            {
                0 => random.GetItems(Tokens, 1)[0],
                1 => Value().Matches(records[random.Next(records.Length)]) is var others ? others[random.Next(others.Count)].Value : "",
                _ => $"\"{random.Next(50)}\"",
            };
            json = json[..value.Index] + other + json[(value.Index + value.Length)..];
        }

        var bytes = Encoding.UTF8.GetBytes(json);
        if (random.Next(4) > 0)
        {
            return bytes;
        }

        var (at, length) = (random.Next(bytes.Length), random.Next(1, 40));
        var end = Math.Min(bytes.Length, at + length);
        switch (random.Next(3))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 1:
                return [.. bytes[..at], .. bytes[end..]];
            default:
                return [.. bytes[..end], .. bytes[at..]];
        }
    }

    /// <summary>The ids of event and attempt.</summary>
    [GeneratedRegex("""
        "(keen_id|user_exam_id)": ?"[^"]*"
        """)]
    private static partial Regex Id();

    /// <summary>A value of a member.</summary>
    [GeneratedRegex("""(?<=: ?)("(?:[^"\\]|\\.)*"|-?\d[\d.]*|true|false|null)""")]
    private static partial Regex Value();
}
