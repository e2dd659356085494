using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>What a host's OpenTelemetry would export: ended spans, and the metrics' points as of now.</summary>
internal sealed class CollectedTelemetry
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<MetricValue> _points = new();

    public IReadOnlyCollection<Activity> Spans => _spans;

    public void AddTo(IServiceCollection services) => services.AddOpenTelemetry()
        .WithTracing(traces => traces.AddProcessor(new SpanCollector(_spans)))
        .WithMetrics(metrics => metrics.AddReader(new BaseExportingMetricReader(new PointCollector(_points))));

    /// <summary>Has the metrics exported, and returns them.</summary>
    public IReadOnlyCollection<MetricValue> Metrics(IServiceProvider services)
    {
        _points.Clear();
        services.GetRequiredService<MeterProvider>().ForceFlush();
        return _points;
    }

    /// <summary>One point: a sum or a gauge's value, or a histogram's count.</summary>
    internal sealed record MetricValue(string Meter, string Name, long Value, IReadOnlyDictionary<string, object?> Tags);

    private sealed class SpanCollector(ConcurrentQueue<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Enqueue(data);
    }

    private sealed class PointCollector(ConcurrentQueue<MetricValue> points) : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var tags = new Dictionary<string, object?>();
                    foreach (var tag in point.Tags)
                    {
                        tags[tag.Key] = tag.Value;
                    }

                    var value = metric.MetricType switch
                    {
                        MetricType.LongSum => point.GetSumLong(),
                        MetricType.LongGauge => point.GetGaugeLastValueLong(),
                        MetricType.Histogram => point.GetHistogramCount(),
                        _ => throw new InvalidOperationException($"{metric.Name} is a {metric.MetricType}."),
                    };
                    points.Enqueue(new MetricValue(metric.MeterName, metric.Name, value, tags));
                }
            }

            return ExportResult.Success;
        }
    }
}
