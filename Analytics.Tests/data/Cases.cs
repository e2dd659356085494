using System.Text;
using Analytics.Tests.Analytics.Api;
using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;
using Confluent.Kafka;

namespace Analytics.Tests.Data;

/// <summary>
/// The files in <c>cases</c>, small inputs made after reports of people who do this job: all published and ingested into one database behind one API,
/// as each has a course of its own.
/// </summary>
public sealed class Cases(PostgresProcess postgres, IngestBroker broker) : IAsyncLifetime
{
    private ActivityDatabase? _database;

    internal ActivityDatabase Database => _database!;

    internal ApiServer Api { get; private set; } = null!;

    /// <summary>What publish printed on standard error, a line a fault.</summary>
    internal string[] Faults { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync(), partitions: 1);
        _database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, _database.ConnectionString, topic.Name);
        string[] files = [.. Directory.GetFiles(Folder, "*.ndjson").Order(StringComparer.Ordinal)];
        var (_, _, error) = await WorkerProcess.PublishAsync(topic.Servers, topic.Name, files);
        Faults = error.TrimEnd().Split('\n');
        await topic.WriteAsync([.. Directory.GetFiles(Folder, "*.bin").Order(StringComparer.Ordinal).Select(Record)]);

        // What comes after a stray name: the same name clean, once more with its accents as one code point each.
        TestEvent[] later =
        [
            new() { KeenId = "84-later", Attempt = "84-later", Course = "Learning Git", Start = 14_400 },
            new() { KeenId = "85-later", Attempt = "85-later", Course = "Case 85 R\u00E9sum\u00E9", Start = 14_400 },
        ];
        await topic.WriteAsync(later);
        await _database.ReachesAsync(topic.Name, topic.ReadAll().Count);
        Api = new ApiServer(_database.ConnectionString, topic.Servers, ("Ingest:Topic", $"{topic.Name}-posted"));
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>The path of a case's file.</summary>
    internal static string File(string name) => Path.Combine(Folder, name);

    private static string Folder { get; } = Path.Combine(Repository.Root, "Analytics.Tests", "data", "cases");

    /// <summary>A record as <c>kcat -P</c> makes it, in case 43 with a key before the bar.</summary>
    private static (byte[]? Key, byte[]? Value, Headers? Headers) Record(string path)
    {
        var text = System.IO.File.ReadAllText(path).TrimEnd('\n');
        var bar = text.StartsWith('{') ? -1 : text.IndexOf('|', StringComparison.Ordinal);
        return (bar < 0 ? null : Topic.Key(text[..bar]), Encoding.UTF8.GetBytes(text[(bar + 1)..]), null);
    }
}
