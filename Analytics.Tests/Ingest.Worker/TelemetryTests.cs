using System.Text.Json;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>One trace goes from the publisher through Kafka to the commands in PostgreSQL; health is told over HTTP.</summary>
public sealed class TelemetryTests(PostgresProcess postgres, IngestBroker broker)
{
    [Fact]
    public async Task A_trace_leads_from_the_publisher_through_Kafka_to_PostgreSQL()
    {
        await using var dashboard = await DashboardProcess.StartAsync(Deadline.Token);
        (string, string)[] telemetry =
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", dashboard.Otlp.ToString()), ("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={DashboardProcess.OtlpKey}"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ];
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.In("one.json"), new TestEvent { KeenId = "k", Attempt = "a" }.Json(), Deadline.Token);
        await using var worker = WorkerProcess.Ingest(
            topic.Servers, database.ConnectionString, topic.Name, [.. telemetry, ("OTEL_SERVICE_NAME", "ingest"), ("ASPNETCORE_URLS", "http://127.0.0.1:0")]);
        using (var http = await HttpOfAsync(worker))
        {
            await http.GetStringAsync(new Uri("/health", UriKind.Relative), Deadline.Token);
        }

        await WorkerProcess.RunAsync(["publish", "--topic", topic.Name, "--bootstrap-servers", topic.Servers, folder.In("one.json")], null,
            [.. telemetry, ("OTEL_SERVICE_NAME", "publish")]);
        await database.ReachesAsync(topic.Name, 1);

        var spans = await SpansAsync(dashboard, $"process {topic.Name}");
        var file = spans.Single(span => span.Name == "publish one.json");
        var send = spans.Single(span => span.Name == $"send {topic.Name}");
        var process = spans.Single(span => span.Name == $"process {topic.Name}");
        Assert.Equal(file.SpanId, send.ParentSpanId);
        Assert.Equal((send.TraceId, send.SpanId), (process.TraceId, process.ParentSpanId));
        Assert.Contains(spans, span => span.ParentSpanId == process.SpanId && span.TraceId == process.TraceId);

        // What starts a trace has a name that says what it is about: no statement stands alone.
        Assert.All(
            spans.Where(span => span.ParentSpanId == ""),
            span => Assert.Contains(span.Name, new[] { "prepare PostgreSQL", "prepare Kafka", $"claim {topic.Name}", "publish one.json" }));

        // What the health check asked of the database is no work of anybody's.
        Assert.DoesNotContain("select 1", (await dashboard.GetAsync("spans?limit=1000", Deadline.Token)).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_told_over_HTTP_once_the_partitions_are_assigned()
    {
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name, ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        using var http = await HttpOfAsync(worker);

        Assert.Equal("Healthy", await http.GetStringAsync(new Uri("/alive", UriKind.Relative), Deadline.Token));
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Deadline.Token));
    }

    private static async Task<HttpClient> HttpOfAsync(WorkerProcess worker)
    {
        var listening = await worker.SaysAsync("Now listening on: ");
        await worker.SaysAsync("Ingesting 3 partitions");
        return new HttpClient { BaseAddress = new Uri(listening[listening.IndexOf("http", StringComparison.Ordinal)..].Trim()) };
    }

    private static async Task<List<(string Name, string TraceId, string SpanId, string ParentSpanId)>> SpansAsync(DashboardProcess dashboard, string last)
    {
        var deadline = Deadline.Token;
        while (true)
        {
            var spans = new List<(string Name, string, string, string)>();
            Collect(await dashboard.GetAsync("spans?limit=1000", deadline), spans);
            if (spans.Any(span => span.Name == last))
            {
                return spans;
            }

            await Task.Delay(50, deadline);
        }
    }

    /// <summary>Every object with a span's fields, wherever it stands in the answer.</summary>
    private static void Collect(JsonElement element, List<(string, string, string, string)> spans)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Collect(item, spans);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("spanId", out var spanId) && element.TryGetProperty("name", out var name))
            {
                var parent = element.TryGetProperty("parentSpanId", out var its) ? its.GetString() ?? "" : "";
                spans.Add((name.GetString()!, element.GetProperty("traceId").GetString()!, spanId.GetString()!, parent));
                return;
            }

            foreach (var property in element.EnumerateObject())
            {
                Collect(property.Value, spans);
            }
        }
    }
}
