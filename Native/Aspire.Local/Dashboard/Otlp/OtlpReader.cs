using Aspire.Local.Dashboard.Otlp.Protocol;
using Aspire.Local.Dashboard.Telemetry;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Span = Aspire.Local.Dashboard.Telemetry.Span;

namespace Aspire.Local.Dashboard.Otlp;

/// <summary>Takes OTLP's messages apart and puts them into the store. What is malformed is counted and left out, never an error for the rest.</summary>
internal sealed class OtlpReader(TelemetryStore store, TimeProvider time)
{
    /// <summary>Of one span.</summary>
    private const int MaxEventsAndLinks = 512;

    /// <summary>Stores spans; answers how many had no valid id.</summary>
    public int Read(ExportTraceServiceRequest request)
    {
        var rejected = 0;
        var spans = new List<Span>();
        foreach (var group in request.ResourceSpans)
        {
            var resource = ResourceOf(group.Resource);
            resource.HasTraces = true;
            foreach (var scope in group.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    if (span.TraceId.Length == 16 && span.SpanId.Length == 8)
                    {
                        spans.Add(SpanOf(span, resource, store.Strings.Get(scope.Scope?.Name ?? "")));
                    }
                    else
                    {
                        rejected++;
                    }
                }
            }
        }

        store.Traces.Add(spans);
        return rejected;
    }

    /// <summary>Stores log records.</summary>
    public void Read(ExportLogsServiceRequest request)
    {
        var entries = new List<LogEntry>();
        foreach (var group in request.ResourceLogs)
        {
            var resource = ResourceOf(group.Resource);
            resource.HasLogs = true;
            foreach (var scope in group.ScopeLogs)
            {
                var name = store.Strings.Get(scope.Scope?.Name ?? "");
                entries.AddRange(scope.LogRecords.Select(record => EntryOf(record, resource, name)));
            }
        }

        store.Logs.Add(entries);
    }

    /// <summary>Stores metric points; answers how many had no room or are of a kind the dashboard does not draw.</summary>
    public int Read(ExportMetricsServiceRequest request)
    {
        var rejected = 0;
        foreach (var group in request.ResourceMetrics)
        {
            var resource = ResourceOf(group.Resource);
            resource.HasMetrics = true;
            foreach (var scope in group.ScopeMetrics)
            {
                rejected += scope.Metrics.Sum(metric => Read(metric, resource, store.Strings.Get(scope.Scope?.Name ?? "")));
            }
        }

        return rejected;
    }

    private int Read(Metric metric, TelemetryResource resource, string meter)
    {
        InstrumentKind? kind = metric.DataCase switch
        {
            Metric.DataOneofCase.Gauge => InstrumentKind.Gauge,
            Metric.DataOneofCase.Sum => metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDownCounter,
            Metric.DataOneofCase.Histogram => InstrumentKind.Histogram,
            _ => null,
        };
        if (kind is null)
        {
            return 1;
        }

        var instrument = new Instrument(resource, meter, store.Strings.Get(metric.Name), store.Strings.Get(metric.Description), store.Strings.Get(metric.Unit), kind.Value);
        return metric.DataCase switch
        {
            Metric.DataOneofCase.Gauge => Numbers(metric.Gauge.DataPoints, isDelta: false),
            Metric.DataOneofCase.Sum => Numbers(metric.Sum.DataPoints, metric.Sum.AggregationTemporality == AggregationTemporality.Delta),
            _ => Histograms(metric.Histogram.DataPoints, metric.Histogram.AggregationTemporality == AggregationTemporality.Delta),
        };

        int Numbers(RepeatedField<NumberDataPoint> points, bool isDelta) => points.Count(point => !store.Metrics.Add(
            instrument,
            TelemetryAttribute.From(point.Attributes, store.Strings),
            new((long)point.TimeUnixNano, point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble, 0, null),
            [],
            kind is InstrumentKind.Counter ? (long)point.StartTimeUnixNano : 0,
            isDelta));

        int Histograms(RepeatedField<HistogramDataPoint> points, bool isDelta) => points.Count(point => !store.Metrics.Add(
            instrument,
            TelemetryAttribute.From(point.Attributes, store.Strings),
            new((long)point.TimeUnixNano, point.Sum, (long)point.Count, [.. point.BucketCounts.Select(count => (long)count)]),
            [.. point.ExplicitBounds],
            (long)point.StartTimeUnixNano,
            isDelta));
    }

    private TelemetryResource ResourceOf(Resource? resource)
    {
        var attributes = TelemetryAttribute.From(resource?.Attributes ?? [], store.Strings);
        return store.Resource(Value("service.name") ?? "unknown_service", Value("service.instance.id") ?? "", attributes);

        string? Value(string key) => Array.Find(attributes, a => a.Key == key).Value;
    }

    private Span SpanOf(Protocol.Span span, TelemetryResource resource, string scope) => new()
    {
        Resource = resource,
        Scope = scope,
        TraceId = Hex(span.TraceId),
        SpanId = Hex(span.SpanId),
        ParentSpanId = Hex(span.ParentSpanId),
        Name = store.Strings.Get(span.Name),
        Kind = Enum.IsDefined((SpanKind)span.Kind) ? (SpanKind)span.Kind : SpanKind.Unspecified,
        StartNanos = (long)span.StartTimeUnixNano,
        EndNanos = (long)span.EndTimeUnixNano,
        Status = (SpanStatus)(span.Status?.Code ?? 0),
        StatusMessage = span.Status?.Message ?? "",
        Attributes = TelemetryAttribute.From(span.Attributes, store.Strings),
        Events = [.. span.Events.Take(MaxEventsAndLinks).Select(e => new SpanEvent((long)e.TimeUnixNano, store.Strings.Get(e.Name), TelemetryAttribute.From(e.Attributes, store.Strings)))],
        Links = [.. span.Links.Take(MaxEventsAndLinks).Select(link => new SpanLink(Hex(link.TraceId), Hex(link.SpanId), TelemetryAttribute.From(link.Attributes, store.Strings)))],
    };

    private LogEntry EntryOf(LogRecord record, TelemetryResource resource, string scope) => new()
    {
        Resource = resource,
        Scope = scope,
        TimeNanos = (record.TimeUnixNano, record.ObservedTimeUnixNano) switch
        {
            ( > 0, _) => (long)record.TimeUnixNano,
            (_, > 0) => (long)record.ObservedTimeUnixNano,
            _ => Nanos.Of(time.GetUtcNow()),
        },
        Severity = (LogSeverity)(Math.Clamp(record.SeverityNumber - 1, 0, 23) / 4),
        Message = TelemetryAttribute.Text(record.Body),
        Attributes = TelemetryAttribute.From(record.Attributes, store.Strings),
        EventName = store.Strings.Get(record.EventName),
        TraceId = Hex(record.TraceId),
        SpanId = Hex(record.SpanId),
    };

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
