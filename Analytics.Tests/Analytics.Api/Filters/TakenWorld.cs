using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;
using Data.Generator;

namespace Analytics.Tests.Analytics.Api.Filters;

/// <summary>
/// The published file's attempts, nine in ten of which get one of 200 users, and as many of the generator with users of its own, some of them replaced:
/// ingested, behind an API that no test writes to; and the same as the test reads the events, to compute with LINQ.
/// </summary>
public sealed class TakenWorld(PostgresProcess postgres, IngestBroker broker) : IAsyncLifetime
{
    private ApiServer? _api;

    public ApiServer Api => _api!;

    /// <summary>The connection string of the API's database.</summary>
    public string Database { get; private set; } = "";

    public IReadOnlyList<TakenAttempt> Attempts { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var events = (await PublishedAsync()).Concat(Generated()).ToList();
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        await topic.WriteAsync(events.Select(json => (
            (byte[]?)Topic.Key((string)json["user_exam_id"]!), (byte[]?)Encoding.UTF8.GetBytes(json.ToJsonString()), (Headers?)null)));
        await database.ReachesAsync(topic.Name, events.Count);
        _api = new ApiServer(Database = database.ConnectionString);

        Attempts = [.. events
            .GroupBy(json => (string)json["user_exam_id"]!)
            .Select(messages => messages.MaxBy(json => decimal.Parse((string)json["keen_timestamp"]!, CultureInfo.InvariantCulture))!)
            .Select(TakenAttempt.Of)];
        foreach (var ofStudent in Attempts.GroupBy(attempt => (attempt.Student, attempt.IsNamed, attempt.Course, attempt.Exam)))
        {
            var byStart = ofStudent.OrderBy(attempt => attempt.StartedAt).ThenBy(attempt => attempt.Id, StringComparer.Ordinal).ToList();
            byStart[0].Takes.Add("first");
            byStart[^1].Takes.Add("last");
            byStart.MaxBy(attempt => attempt.Score ?? -1)!.Takes.Add("best"); // Of as many the first one.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }
    }

    private static async Task<List<JsonObject>> PublishedAsync()
    {
        await using var file = File.OpenRead(Path.Combine(Repository.Root, "data", "assessment-attempts.json.gz"));
        await using var text = new GZipStream(file, CompressionMode.Decompress);
        var events = (await JsonNode.ParseAsync(text, cancellationToken: TestContext.Current.CancellationToken))!.AsArray().Select(
            json => json!.AsObject()).ToList();
        foreach (var json in events)
        {
            var number = ((string)json["user_exam_id"]!).Aggregate(0, (sum, letter) => (sum * 31 + letter) & 0xffffff);
            if (number % 10 > 0)
            {
                json["user_id"] = $"user-{number / 10 % 200}";
            }
        }

        return events;
    }

    private static List<JsonObject> Generated()
    {
        using var lines = new MemoryStream();
        LoadGenerator.Write(lines, new LoadOptions { Attempts = 2_000, Users = 300, Replaced = 0.05 });
        return [.. Encoding.UTF8.GetString(lines.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
            line => JsonNode.Parse(line)!.AsObject())];
    }
}

/// <summary>The classes that ask the same <see cref="TakenWorld"/>, one after another.</summary>
[CollectionDefinition(nameof(TakenWorld))]
public sealed class TakenCollection : ICollectionFixture<TakenWorld>;

/// <summary>An attempt as its newest event tells it.</summary>
public sealed record TakenAttempt(
    string Id, string Student, bool IsNamed, string Course, string Exam, DateTimeOffset StartedAt, int? Total, int? Correct,
    IReadOnlyList<(string Question, bool IsCorrect)> Answers)
{
    public double? Score => Total > 0 ? 100.0 * Correct / Total : null;

    /// <summary>The questions in order, which make the version.</summary>
    public string Questions { get; } = string.Join(' ', Answers.Select(answer => answer.Question).Distinct().Order(StringComparer.Ordinal));

    public HashSet<string> Takes { get; } = ["all"];

    public static TakenAttempt Of(JsonObject json)
    {
        var (id, user, counts) = ((string)json["user_exam_id"]!, (string?)json["user_id"], json["sequences"]?["counts"]);
        return new TakenAttempt(
            id, user ?? id, user is not null, (string)json["exam_name"]!, (string)json["base_exam_id"]!,
            DateTimeOffset.Parse((string)json["started_at"]!, CultureInfo.InvariantCulture), (int?)counts?["total"], (int?)counts?["correct"],
            [.. (json["sequences"]?["questions"]?.AsArray() ?? []).Select(question => ((string)question!["id"]!, (bool)question["user_correct"]!))]);
    }
}
