using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ZooKeeper.Operations;
using ZooKeeper.Protocol;

namespace ZooKeeper.Server;

/// <summary>Metrics of the server, and a span for each request that took long, under the name <see cref="Name"/>.</summary>
internal sealed class Telemetry : IDisposable
{
    public const string Name = "ZooKeeper";

    private readonly Meter _meter = new(Name);
    private readonly ActivitySource _source = new(Name);
    private readonly Histogram<double> _latency;
    private readonly Histogram<double> _flush;
    private readonly Histogram<int> _batch;
    private readonly Counter<long> _changes;
    private readonly long _slowTicks;
    private MeterProvider? _exportedMetrics;
    private TracerProvider? _exportedSpans;

    /// <param name="slow">From which duration on a request is slow.</param>
    public Telemetry(TimeSpan slow)
    {
        _slowTicks = (long)(slow.TotalSeconds * Stopwatch.Frequency);
        _latency = _meter.CreateHistogram<double>("zookeeper.request.duration", "s", "From a request's arrival to its answer on its way, with the disk.");
        _flush = _meter.CreateHistogram<double>("zookeeper.log.flush.duration", "s", "How long the disk took to take a part of the transaction log.");
        _batch = _meter.CreateHistogram<int>("zookeeper.log.flush.size", "{transaction}", "Transactions that shared a flush.");
        _changes = _meter.CreateCounter<long>("zookeeper.transactions", "{transaction}", "Transactions.");
    }

    /// <summary>What is asked of the server while it runs.</summary>
    public void Observe(Database database, Func<int> connections)
    {
        _meter.CreateObservableGauge("zookeeper.requests.outstanding", () => database.Statistics.Outstanding, "{request}", "Requests without an answer.");
        _meter.CreateObservableGauge("zookeeper.connections", connections, "{connection}", "Connections.");
        _meter.CreateObservableGauge("zookeeper.sessions", () => database.Sessions.Count, "{session}", "Sessions.");
        _meter.CreateObservableGauge("zookeeper.nodes", () => database.Tree.Count, "{node}", "Nodes.");
        _meter.CreateObservableGauge("zookeeper.nodes.size", () => database.Tree.Size, "By", "Paths and data of the nodes.");
        _meter.CreateObservableGauge(
            "zookeeper.watches", () => database.Tree.DataWatches.Count + database.Tree.ChildWatches.Count, "{watch}", "Watches that clients have set.");
    }

    /// <summary>Sends metrics and spans where the environment says (OTEL_EXPORTER_OTLP_ENDPOINT), if it does.</summary>
    public void Export()
    {
        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            _exportedMetrics = Sdk.CreateMeterProviderBuilder().AddMeter(Name).AddOtlpExporter().Build();
            _exportedSpans = Sdk.CreateTracerProviderBuilder().AddSource(Name).AddOtlpExporter().Build();
        }
    }

    public void OnChange(OpCode type)
    {
        if (_changes.Enabled)
        {
            _changes.Add(1, new KeyValuePair<string, object?>("zookeeper.operation", type.ToString()));
        }
    }

    public void OnFlushed(TimeSpan duration, int transactions)
    {
        _flush.Record(duration.TotalSeconds);
        _batch.Record(transactions);
    }

    public void OnAnswered(OpCode type, long ticks)
    {
        if (_latency.Enabled)
        {
            _latency.Record((double)ticks / Stopwatch.Frequency, new KeyValuePair<string, object?>("zookeeper.operation", type.ToString()));
        }

        if (ticks >= _slowTicks && _source.HasListeners())
        {
            var now = DateTimeOffset.UtcNow;
            var started = now - TimeSpan.FromSeconds((double)ticks / Stopwatch.Frequency);
            using var span = _source.StartActivity($"zookeeper {type}", ActivityKind.Server, default(ActivityContext), startTime: started);
            span?.SetEndTime(now.UtcDateTime);
        }
    }

    public void Dispose()
    {
        _exportedMetrics?.Dispose();
        _exportedSpans?.Dispose();
        _source.Dispose();
        _meter.Dispose();
    }
}
