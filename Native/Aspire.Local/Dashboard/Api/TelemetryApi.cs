using System.Text.Json;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Local.Dashboard.Api;

/// <summary>The JSON view for tests and scripts: the routes and the OTLP-JSON shapes of Aspire's own telemetry API; metrics are an addition. README.md describes it.</summary>
internal static class TelemetryApi
{
    private const int DefaultTraces = 100;
    private const int DefaultEntries = 200;
    private static readonly byte[] Newline = "\n"u8.ToArray();
    private static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(250);

    public static void MapTelemetryApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/telemetry");
        api.MapGet("/resources", (TelemetryStore store) => store.Resources()
            .Select(r => new { r.Name, InstanceId = r.InstanceId.Length == 0 ? null : r.InstanceId, DisplayName = r.FullName, r.HasLogs, r.HasTraces, r.HasMetrics }));
        api.MapGet("/traces", Traces);
        api.MapGet("/traces/{traceId}", Trace);
        api.MapGet("/spans", Spans);
        api.MapGet("/logs", Logs);
        api.MapGet("/metrics", Metrics);
    }

    private static IResult Traces(TelemetryStore store, string[]? resource, bool? hasError, int? limit)
    {
        if (Unknown(store, resource) is { } unknown)
        {
            return unknown;
        }

        var traces = store.Traces.Summaries()
            .Where(t => (hasError is null || hasError == t.Errors > 0) && (resource is not { Length: > 0 } || t.Resources.Any(r => Named(resource, r.Resource))))
            .ToArray();
        var kept = traces.Take(Limit(limit, DefaultTraces)).Reverse().ToArray();
        return Answer(writer => OtlpJson.Write(writer, [.. kept.SelectMany(t => store.Traces.Find(t.TraceId)?.Spans ?? [])]), traces.Length, kept.Length);
    }

    private static IResult Trace(TelemetryStore store, string traceId) => store.Traces.Find(traceId) is var (_, spans)
        ? Answer(writer => OtlpJson.Write(writer, spans), spans.Length, spans.Length)
        : TypedResults.Problem($"No trace with the id '{traceId}' is kept.", statusCode: StatusCodes.Status404NotFound, title: "Trace not found");

    private static IResult Spans(TelemetryStore store, string[]? resource, string? traceId, bool? hasError, int? limit, bool? follow, TimeProvider time, CancellationToken cancellation)
    {
        if (follow == true)
        {
            return Follow(store.Traces.Since, span => span.Sequence, Matches, OtlpJson.Write, time, cancellation);
        }

        return (IResult?)Unknown(store, resource) ?? Newest([.. store.Traces.Since(0).Where(Matches)], limit, OtlpJson.Write);

        bool Matches(Span span) =>
            (traceId is null || span.TraceId.StartsWith(traceId, StringComparison.OrdinalIgnoreCase))
            && (hasError is null || hasError == (span.Status == SpanStatus.Error))
            && Named(resource, span.Resource);
    }

    private static IResult Logs(TelemetryStore store, string[]? resource, string? traceId, string? severity, int? limit, bool? follow, TimeProvider time, CancellationToken cancellation)
    {
        _ = Enum.TryParse<LogSeverity>(severity, ignoreCase: true, out var least);
        if (follow == true)
        {
            return Follow(store.Logs.Since, entry => entry.Sequence, Matches, OtlpJson.Write, time, cancellation);
        }

        return (IResult?)Unknown(store, resource) ?? Newest([.. store.Logs.Since(0).Where(Matches)], limit, OtlpJson.Write);

        bool Matches(LogEntry entry) =>
            (traceId is null || entry.TraceId.StartsWith(traceId, StringComparison.OrdinalIgnoreCase))
            && entry.Severity >= least
            && Named(resource, entry.Resource);
    }

    private static IResult Metrics(TelemetryStore store, string[]? resource, string? meter, string? instrument) =>
        (IResult?)Unknown(store, resource) ?? TypedResults.Json(store.Metrics.Instruments()
            .Where(i => Named(resource, i.Resource) && (meter is null || i.Meter == meter) && (instrument is null || i.Name == instrument))
            .Select(i => new
            {
                Resource = i.Resource.FullName,
                i.Meter,
                i.Name,
                i.Description,
                i.Unit,
                Kind = i.Kind.ToString(),
                Dimensions = store.Metrics.Dimensions(i).Select(d => new
                {
                    Attributes = d.Attributes.DistinctBy(a => a.Key).ToDictionary(a => a.Key, a => a.Value),
                    // JSON has no number for what is none.
                    Latest = d.Points.Select(p => new { Time = Nanos.ToTime(p.TimeNanos), Value = double.IsFinite(p.Value) ? p.Value : (double?)null, p.Count }).LastOrDefault(),
                    Points = d.Points.Count,
                }),
            }));

    private static PushStreamHttpResult Newest<T>(T[] items, int? limit, Action<Utf8JsonWriter, IReadOnlyList<T>> write)
    {
        var kept = items[^Math.Min(items.Length, Limit(limit, DefaultEntries))..];
        return Answer(writer => write(writer, kept), items.Length, kept.Length);
    }

    private static PushStreamHttpResult Answer(Action<Utf8JsonWriter> writeData, int total, int returned) => TypedResults.Stream(
        async stream =>
        {
            await using var writer = new Utf8JsonWriter(stream);
            writer.WriteStartObject();
            writer.WritePropertyName("data");
            writeData(writer);
            writer.WriteNumber("totalCount", total);
            writer.WriteNumber("returnedCount", returned);
            writer.WriteEndObject();
        },
        "application/json");

    /// <summary>What is there and what comes, one OTLP-JSON document a line.</summary>
    private static PushStreamHttpResult Follow<T>(
        Func<long, T[]> since, Func<T, long> sequence, Func<T, bool> matches, Action<Utf8JsonWriter, IReadOnlyList<T>> write, TimeProvider time, CancellationToken cancellation) => TypedResults.Stream(
        async stream =>
        {
            var seen = 0L;
            using var timer = new PeriodicTimer(FollowEvery, time);
            do
            {
                foreach (var item in since(seen))
                {
                    seen = sequence(item);
                    if (matches(item))
                    {
                        await using var writer = new Utf8JsonWriter(stream);
                        write(writer, [item]);
                        await writer.FlushAsync(cancellation);
                        await stream.WriteAsync(Newline, cancellation);
                    }
                }

                await stream.FlushAsync(cancellation);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        },
        "application/x-ndjson");

    private static ProblemHttpResult? Unknown(TelemetryStore store, string[]? names) =>
        Array.Find(names ?? [], name => !store.Resources().Any(r => r.Is(name))) is { } missing
            ? TypedResults.Problem($"No resource named '{missing}' has sent telemetry.", statusCode: StatusCodes.Status404NotFound, title: "Resource not found")
            : null;

    private static bool Named(string[]? names, TelemetryResource resource) => names is not { Length: > 0 } || names.Any(resource.Is);

    private static int Limit(int? limit, int otherwise) => Math.Max(0, limit ?? otherwise);
}
