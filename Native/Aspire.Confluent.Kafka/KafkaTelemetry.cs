using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>
/// Spans and metrics of Kafka clients, by OpenTelemetry's semantic conventions for messaging; trace context travels in the
/// headers <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context).
/// </summary>
internal static class KafkaTelemetry
{
    public const string Name = "OpenTelemetry.Instrumentation.ConfluentKafka";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Published = Meter.CreateCounter<long>("messaging.publish.messages", "{message}", "Messages handed to Kafka.");
    public static readonly Counter<long> Received = Meter.CreateCounter<long>("messaging.receive.messages", "{message}", "Messages taken from Kafka.");
    public static readonly Histogram<double> PublishDuration = Meter.CreateHistogram<double>("messaging.publish.duration", "s", "Time until a message was acknowledged.");
    public static readonly Histogram<double> ReceiveDuration = Meter.CreateHistogram<double>("messaging.receive.duration", "s", "Time that taking a message waited.");

    /// <summary>Starts the span of one message's publishing and puts its context into the message's headers.</summary>
    public static Activity? StartPublish(string topic, MessageMetadata message)
    {
        var activity = Source.StartActivity($"{topic} publish", ActivityKind.Producer);
        var context = activity ?? Activity.Current;
        if (context is not null)
        {
            message.Headers ??= [];
            DistributedContextPropagator.Current.Inject(context, message.Headers, static (carrier, name, value) =>
            {
                var headers = (Headers)carrier!;
                headers.Remove(name);
                headers.Add(name, Encoding.UTF8.GetBytes(value));
            });
        }

        return activity?
            .SetTag("messaging.system", "kafka")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", topic);
    }

    public static void EndPublish(Activity? activity, string topic, long started, TopicPartitionOffset? place, Error? error)
    {
        var tags = Tags(topic, error);
        Published.Add(1, tags);
        PublishDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
        if (activity is null)
        {
            return;
        }

        if (place is not null)
        {
            activity.SetTag("messaging.destination.partition.id", place.Partition.Value).SetTag("messaging.kafka.offset", place.Offset.Value);
        }

        if (error is { IsError: true })
        {
            activity.SetStatus(ActivityStatusCode.Error, error.Reason);
        }

        activity.Dispose();
    }

    /// <summary>Records one received message as a span of its own that links to its publisher's.</summary>
    public static void Receive<TKey, TValue>(ConsumeResult<TKey, TValue>? result, string group, DateTimeOffset started)
    {
        if (result?.Message is null)
        {
            return;
        }

        var tags = Tags(result.Topic, error: null);
        Received.Add(1, tags);
        ReceiveDuration.Record((DateTimeOffset.UtcNow - started).TotalSeconds, tags);
        ActivityLink[] links = ActivityContext.TryParse(Header(result.Message, "traceparent"), Header(result.Message, "tracestate"), isRemote: true, out var publisher)
            ? [new ActivityLink(publisher)]
            : [];
        using var activity = Source.StartActivity($"{result.Topic} receive", ActivityKind.Consumer, default(ActivityContext), links: links, startTime: started);
        activity?
            .SetTag("messaging.system", "kafka")
            .SetTag("messaging.operation.type", "receive")
            .SetTag("messaging.destination.name", result.Topic)
            .SetTag("messaging.consumer.group.name", group)
            .SetTag("messaging.destination.partition.id", result.Partition.Value)
            .SetTag("messaging.kafka.offset", result.Offset.Value);
    }

    private static TagList Tags(string topic, Error? error)
    {
        var tags = new TagList { { "messaging.system", "kafka" }, { "messaging.destination.name", topic } };
        if (error is { IsError: true })
        {
            tags.Add("error.type", error.Code.ToString());
        }

        return tags;
    }

    private static string? Header(MessageMetadata message, string name)
        => message.Headers is not null && message.Headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : null;
}
