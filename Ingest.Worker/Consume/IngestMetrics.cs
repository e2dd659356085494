using System.Diagnostics.Metrics;
using Ingest.Worker.Merge;

namespace Ingest.Worker.Consume;

/// <summary>The figures of ingest, named by OpenTelemetry's messaging conventions where they have a name.</summary>
internal static class IngestMetrics
{
    private static readonly Counter<long> Consumed = Telemetry.Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Messages that were committed to the database.");
    private static readonly Counter<long> Redelivered = Telemetry.Meter.CreateCounter<long>(
        "ingest.redeliveries", "{message}", "Messages whose event was seen before.");
    private static readonly Counter<long> DeadLettered = Telemetry.Meter.CreateCounter<long>(
        "ingest.dead_letters", "{message}", "Messages that are no events.");
    private static readonly Counter<long> Erased = Telemetry.Meter.CreateCounter<long>(
        "ingest.erased", "{message}", "Messages of students and attempts that are erased, and those that erase.");
    private static readonly Histogram<long> BatchSize = Telemetry.Meter.CreateHistogram<long>(
        "ingest.batch.size", "{message}", "Messages in one transaction.",
        advice: new() { HistogramBucketBoundaries = [1, 10, 100, 500, 1000, 2000, 5000, 10_000, 50_000] });
    private static readonly Histogram<double> Duration = Telemetry.Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "From the first attempt at a batch to its commit.",
        advice: new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] });

    /// <summary>Counts one committed batch.</summary>
    public static void Committed(string topic, string group, int messages, in MergeResult result, TimeSpan duration)
    {
        var tags = new KeyValuePair<string, object?>[]
        {
            new("messaging.system", "kafka"),
            new("messaging.operation.name", "process"),
            new("messaging.destination.name", topic),
            new("messaging.consumer.group.name", group),
        };
        Consumed.Add(messages, tags);
        Redelivered.Add(result.Redeliveries, tags);
        DeadLettered.Add(result.DeadLetters, tags);
        Erased.Add(result.Erased, tags);
        BatchSize.Record(messages, tags);
        Duration.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Has the lag of each partition told whenever figures are collected.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group.</param>
    /// <param name="lags">The partitions that this worker reads, with the records that are on Kafka and not yet in the database.</param>
    public static void Observe(string topic, string group, Func<IEnumerable<(int Partition, long Committed, long Lag)>> lags) =>
        Telemetry.Meter.CreateObservableGauge(
            "ingest.lag",
            () => lags().Select(lag => new Measurement<long>(
                lag.Lag,
                new("messaging.system", "kafka"),
                new("messaging.destination.name", topic),
                new("messaging.consumer.group.name", group),
                new("messaging.destination.partition.id", lag.Partition))),
            "{message}",
            "Records on Kafka that are not yet in the database.");
}
