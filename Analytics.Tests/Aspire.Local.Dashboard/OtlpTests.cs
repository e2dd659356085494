using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;

namespace Analytics.Tests.Dashboard;

/// <summary>What the real OpenTelemetry SDK sends is there, in the JSON view and on the pages.</summary>
public sealed partial class OtlpTests(SharedDashboard shared) : IClassFixture<SharedDashboard>
{
    private static CancellationToken Deadline => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Traces_logs_and_metrics_of_the_SDK_are_there_as_soon_as_they_are_answered(OtlpExportProtocol protocol)
    {
        var dashboard = shared.Process;
        var name = $"sdk-{protocol}";
        using var sender = new Sender(dashboard, name, protocol: protocol);
        string traceId;
        using (var root = sender.Source.StartActivity("process", ActivityKind.Consumer)!)
        {
            traceId = root.TraceId.ToHexString();
            root.SetTag("messaging.batch.message_count", 500);
            using var child = sender.Source.StartActivity("COPY", ActivityKind.Client)!;
            child.SetStatus(ActivityStatusCode.Error, "deadlock detected");
            LogMergeFailed(sender.Log, new InvalidOperationException("deadlock detected"), 7);
        }

        sender.Meter.CreateCounter<long>("messages", "{message}").Add(3, new KeyValuePair<string, object?>("partition", 1));
        sender.Meter.CreateHistogram<double>("duration", "s").Record(0.3);
        Assert.True(sender.Flush());

        var trace = await dashboard.GetAsync($"traces/{traceId}", Deadline);
        Assert.Equal(2, trace.GetProperty("totalCount").GetInt32());
        var resource = trace.GetProperty("data").GetProperty("resourceSpans")[0];
        Assert.Contains(resource.GetProperty("resource").GetProperty("attributes").EnumerateArray(), a => a.GetProperty("value").GetProperty("stringValue").GetString() == name);
        var spans = resource.GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!);
        Assert.Equal(spans["process"].GetProperty("spanId").GetString(), spans["COPY"].GetProperty("parentSpanId").GetString());
        Assert.Equal(2, spans["COPY"].GetProperty("status").GetProperty("code").GetInt32());
        Assert.Equal("500", spans["process"].GetProperty("attributes")[0].GetProperty("value").GetProperty("intValue").GetString());

        var logs = await dashboard.GetAsync($"logs?traceId={traceId}&severity=error", Deadline);
        var record = Assert.Single(logs.GetProperty("data").GetProperty("resourceLogs")[0].GetProperty("scopeLogs")[0].GetProperty("logRecords").EnumerateArray());
        Assert.Equal("Merge of batch 7 failed", record.GetProperty("body").GetProperty("stringValue").GetString());
        Assert.Contains(record.GetProperty("attributes").EnumerateArray(), a => a.GetProperty("key").GetString() == "exception.stacktrace");

        var metrics = (await dashboard.GetAsync($"metrics?resource={name}", Deadline)).EnumerateArray().ToDictionary(m => m.GetProperty("name").GetString()!);
        Assert.Equal("Counter", metrics["messages"].GetProperty("kind").GetString());
        Assert.Equal(3, metrics["messages"].GetProperty("dimensions")[0].GetProperty("latest").GetProperty("value").GetDouble());
        Assert.Equal(1, metrics["duration"].GetProperty("dimensions")[0].GetProperty("latest").GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Pages_show_what_was_sent_before_any_script_runs()
    {
        var dashboard = shared.Process;
        using var sender = new Sender(dashboard, "pages");
        string traceId;
        using (var root = sender.Source.StartActivity("<process>")!)
        {
            traceId = root.TraceId.ToHexString();
            using var child = sender.Source.StartActivity("COPY staging");
            LogMergeFailed(sender.Log, null, 7);
        }

        sender.Meter.CreateGauge<long>("lag").Record(17);
        Assert.True(sender.Flush());

        var detail = await dashboard.Http.GetStringAsync($"traces/detail/{traceId}", Deadline);
        Assert.Contains("COPY staging", detail, StringComparison.Ordinal);
        Assert.Contains("&lt;process&gt;", detail, StringComparison.Ordinal);
        Assert.Contains("2 spans", detail, StringComparison.Ordinal);
        Assert.Contains("1 trace<", await dashboard.Http.GetStringAsync("traces/resource/pages", Deadline), StringComparison.Ordinal);
        Assert.Contains("1 entry<", await dashboard.Http.GetStringAsync("structuredlogs/resource/pages?level=Error", Deadline), StringComparison.Ordinal);
        Assert.Contains("0 entries<", await dashboard.Http.GetStringAsync("structuredlogs/resource/pages?level=Critical", Deadline), StringComparison.Ordinal);
        Assert.Contains("0 entries<", await dashboard.Http.GetStringAsync("structuredlogs/resource/other", Deadline), StringComparison.Ordinal);
        Assert.Contains("1 entry<", await dashboard.Http.GetStringAsync($"structuredlogs?text=batch&traceId={traceId}", Deadline), StringComparison.Ordinal);
        Assert.Contains("<svg class=\"chart\"", await dashboard.Http.GetStringAsync("metrics/resource/pages?instrument=lag", Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_leads_from_the_batch_to_the_message_and_back()
    {
        var dashboard = shared.Process;
        using var publisher = new Sender(dashboard, "linked-publish");
        using var worker = new Sender(dashboard, "linked-worker");
        ActivityContext message;
        using (var publish = publisher.Source.StartActivity("publish", ActivityKind.Producer)!)
        {
            message = publish.Context;
        }

        string batchId;
        using (var batch = worker.Source.StartActivity("process batch", ActivityKind.Consumer, default(ActivityContext), links: [new ActivityLink(message)])!)
        {
            batchId = batch.TraceId.ToHexString();
        }

        // The batch comes first: what it links to is found when that arrives.
        Assert.True(worker.Flush());
        Assert.True(publisher.Flush());

        var link = (await dashboard.GetAsync($"traces/{batchId}", Deadline)).GetProperty("data").GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans")[0].GetProperty("links")[0];
        Assert.Equal(message.TraceId.ToHexString(), link.GetProperty("traceId").GetString());
        var span = (await dashboard.GetAsync("spans?resource=linked-worker", Deadline)).GetProperty("data").GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans")[0].GetProperty("spanId").GetString();
        Assert.Contains($"traces/detail/{message.TraceId}?span={message.SpanId}", await dashboard.Http.GetStringAsync($"traces/detail/{batchId}?span={span}", Deadline), StringComparison.Ordinal);
        Assert.Contains($"traces/detail/{batchId}?span={span}", await dashboard.Http.GetStringAsync($"traces/detail/{message.TraceId}", Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histograms_are_drawn_as_percentiles_and_counters_as_rates()
    {
        var dashboard = shared.Process;
        using var sender = new Sender(dashboard, "metered");
        var duration = sender.Meter.CreateHistogram("duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 4] });
        for (var i = 0; i < 100; i++)
        {
            duration.Record(i < 60 ? 1.5 : 3);
        }

        sender.Meter.CreateCounter<double>("money").Add(double.NaN);
        Assert.True(sender.Flush());

        // Sixty of a hundred lie between 1 and 2: the fiftieth is five sixths of the way. The chart's next moment is up to a second away.
        var page = await dashboard.PageAsync("metrics/resource/metered?instrument=duration&minutes=1", "1.833 s", Deadline);
        Assert.Contains("3.95 s", page, StringComparison.Ordinal);
        Assert.Contains("p99", page, StringComparison.Ordinal);
        Assert.Contains("/s", await dashboard.Http.GetStringAsync("metrics/resource/metered?instrument=money&minutes=1", Deadline), StringComparison.Ordinal);
        Assert.Equal(2, (await dashboard.GetAsync("metrics?resource=metered", Deadline)).GetArrayLength());
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task A_wrong_key_stores_nothing(OtlpExportProtocol protocol)
    {
        var dashboard = shared.Process;
        var name = $"stranger-{protocol}";
        using var sender = new Sender(dashboard, name, protocol: protocol, key: "wrong");
        sender.Source.StartActivity("process")!.Dispose();
        sender.Flush();

        Assert.DoesNotContain((await dashboard.GetAsync("resources", Deadline)).EnumerateArray(), resource => resource.GetProperty("name").GetString() == name);
    }

    [Fact]
    public async Task A_wrong_key_is_answered_in_the_terms_of_each_protocol()
    {
        var dashboard = shared.Process;
        using var http = new HttpClient();
        using var grpc = new HttpRequestMessage(HttpMethod.Post, new Uri(dashboard.Otlp, "opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        using var refused = await http.SendAsync(grpc, Deadline);
        Assert.Equal("16", refused.Headers.TryGetValues("grpc-status", out var status) ? status.Single() : null);

        using var answer = await http.PostAsync(new Uri(dashboard.OtlpHttp, "v1/logs"), new ByteArrayContent([]) { Headers = { { "Content-Type", "application/x-protobuf" } } }, Deadline);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_no_OTLP_is_a_bad_request_and_nothing_worse()
    {
        var dashboard = shared.Process;
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-otlp-api-key", DashboardProcess.OtlpKey);
        foreach (var (type, expected) in new[] { ("application/x-protobuf", HttpStatusCode.BadRequest), ("application/json", HttpStatusCode.UnsupportedMediaType) })
        {
            using var answer = await http.PostAsync(new Uri(dashboard.OtlpHttp, "v1/traces"), new ByteArrayContent("no protobuf"u8.ToArray()) { Headers = { { "Content-Type", type } } }, Deadline);
            Assert.Equal(expected, answer.StatusCode);
        }

        using var bomb = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 20; i++)
            {
                await gzip.WriteAsync(zeros, Deadline);
            }
        }

        using var large = await http.PostAsync(
            new Uri(dashboard.OtlpHttp, "v1/traces"), new ByteArrayContent(bomb.ToArray()) { Headers = { { "Content-Type", "application/x-protobuf" }, { "Content-Encoding", "gzip" } } }, Deadline);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task The_store_keeps_the_newest_and_no_more_than_its_limits()
    {
        await using var dashboard = await DashboardProcess.StartAsync(
            Deadline,
            ("Dashboard__TelemetryLimits__MaxLogCount", "5"),
            ("Dashboard__TelemetryLimits__MaxTraceCount", "3"),
            ("Dashboard__TelemetryLimits__MaxSpansPerTrace", "4"),
            ("Dashboard__TelemetryLimits__MaxDimensionsPerInstrument", "2"));
        using var sender = new Sender(dashboard, "worker");
        for (var i = 0; i < 8; i++)
        {
            LogMergeFailed(sender.Log, null, i);
            sender.Source.StartActivity($"process {i}")!.Dispose();
        }

        string large;
        using (var root = sender.Source.StartActivity("large")!)
        {
            large = root.TraceId.ToHexString();
            for (var i = 0; i < 10; i++)
            {
                sender.Source.StartActivity("part")!.Dispose();
            }
        }

        var counter = sender.Meter.CreateCounter<long>("messages");
        for (var i = 0; i < 5; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("partition", i));
        }

        Assert.True(sender.Flush());

        var logs = await dashboard.GetAsync("logs", Deadline);
        Assert.Equal(5, logs.GetProperty("totalCount").GetInt32());
        Assert.Equal("Merge of batch 3 failed", logs.GetProperty("data").GetProperty("resourceLogs")[0].GetProperty("scopeLogs")[0].GetProperty("logRecords")[0].GetProperty("body").GetProperty("stringValue").GetString());
        Assert.Equal(3, (await dashboard.GetAsync("traces", Deadline)).GetProperty("totalCount").GetInt32());
        Assert.Equal(4, (await dashboard.GetAsync($"traces/{large}", Deadline)).GetProperty("totalCount").GetInt32());
        Assert.Contains("7 more not kept", await dashboard.Http.GetStringAsync($"traces/detail/{large}", Deadline), StringComparison.Ordinal);
        Assert.Equal(2, (await dashboard.GetAsync("metrics?instrument=messages", Deadline))[0].GetProperty("dimensions").GetArrayLength());
    }

    [Fact]
    public async Task Following_logs_gives_each_as_it_comes()
    {
        var dashboard = shared.Process;
        using var sender = new Sender(dashboard, "followed");
        LogMergeFailed(sender.Log, null, 1);
        Assert.True(sender.Flush());

        await using var stream = await dashboard.Http.GetStreamAsync("api/telemetry/logs?follow=true&resource=followed", Deadline);
        using var lines = new StreamReader(stream);
        Assert.Contains("Merge of batch 1 failed", await lines.ReadLineAsync(Deadline), StringComparison.Ordinal);
        LogMergeFailed(sender.Log, null, 2);
        Assert.True(sender.Flush());
        Assert.Contains("Merge of batch 2 failed", await lines.ReadLineAsync(Deadline), StringComparison.Ordinal);
    }

    [LoggerMessage(105, LogLevel.Error, "Merge of batch {Batch} failed")]
    private static partial void LogMergeFailed(ILogger logger, Exception? failure, int batch);
}
