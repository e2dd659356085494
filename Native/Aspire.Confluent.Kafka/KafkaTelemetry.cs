using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace Aspire.Confluent.Kafka;

/// <summary>
/// Spans and metrics of Kafka clients, named as OpenTelemetry.Instrumentation.ConfluentKafka 0.1 names them, which is in the released package:
/// the semantic conventions of messaging 1.24. What OpenTelemetry propagates (W3C Trace Context and Baggage) travels in the messages' headers.
/// </summary>
internal static class KafkaTelemetry
{
    public const string Name = "OpenTelemetry.Instrumentation.ConfluentKafka";

    private const string Version = "0.1.0.0";
    private const string Publish = "publish";
    private const string ReceiveOperation = "receive";

    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);
    private static readonly Counter<long> PublishedMessages = Meter.CreateCounter<long>("messaging.publish.messages");
    private static readonly Histogram<double> PublishDuration = Meter.CreateHistogram<double>("messaging.publish.duration");
    private static readonly Counter<long> ReceivedMessages = Meter.CreateCounter<long>("messaging.receive.messages");
    private static readonly Histogram<double> ReceiveDuration = Meter.CreateHistogram<double>("messaging.receive.duration");

    /// <summary>Starts the span of one message's publishing and puts its context into the message's headers.</summary>
    public static Activity? StartPublish(string client, TopicPartition partition, object? key, MessageMetadata message)
    {
        var activity = Source.StartActivity($"{partition.Topic} {Publish}", ActivityKind.Producer);
        if (activity is null)
        {
            return null;
        }

        Propagators.DefaultTextMapPropagator.Inject(new PropagationContext(activity.Context, Baggage.Current), message, static (message, name, value) =>
        {
            message.Headers ??= [];
            message.Headers.Remove(name); // A message that is sent on has its last sender's.
            message.Headers.Add(name, Encoding.UTF8.GetBytes(value));
        });
        if (activity.IsAllDataRequested)
        {
            SetTags(activity, Publish, client, partition, key);
        }

        return activity;
    }

    /// <summary>Counts one published message, with the time until it was acknowledged or, where nobody awaits that, queued.</summary>
    public static void Published(TopicPartition partition, TimeSpan duration, string? errorType)
    {
        if (PublishedMessages.Enabled || PublishDuration.Enabled)
        {
            var tags = Tags(Publish, partition, errorType);
            PublishedMessages.Add(1, tags);
            PublishDuration.Record(duration.TotalSeconds, tags);
        }
    }

    /// <summary>Records one received message as a span of its own that links to its publisher's.</summary>
    public static void Receive<TKey, TValue>(string client, string group, ConsumeResult<TKey, TValue> result, DateTimeOffset started, DateTimeOffset ended)
    {
        if (!Source.HasListeners())
        {
            return;
        }

        var publisher = Propagators.DefaultTextMapPropagator.Extract(default, result.Message?.Headers, static (headers, name) =>
            headers is not null && headers.TryGetLastBytes(name, out var value) ? [Encoding.UTF8.GetString(value)] : []).ActivityContext;
        ActivityLink[] links = publisher.IsValid() ? [new ActivityLink(publisher)] : [];
        using var activity = Source.StartActivity(
            $"{result.Topic} {ReceiveOperation}", ActivityKind.Consumer, default(ActivityContext), links: links, startTime: started);
        if (activity is { IsAllDataRequested: true })
        {
            SetTags(activity, ReceiveOperation, client, result.TopicPartition, result.Message is { } message ? message.Key : null);
            activity.SetTag("messaging.kafka.message.offset", result.Offset.Value).SetTag("messaging.kafka.consumer.group", group);
        }

        activity?.SetEndTime(ended.UtcDateTime);
    }

    /// <summary>Counts one received message, with the time that it was waited for.</summary>
    public static void Received(TopicPartition partition, TimeSpan duration)
    {
        if (ReceivedMessages.Enabled || ReceiveDuration.Enabled)
        {
            var tags = Tags(ReceiveOperation, partition, errorType: null);
            ReceivedMessages.Add(1, tags);
            ReceiveDuration.Record(duration.TotalSeconds, tags);
        }
    }

    private static void SetTags(Activity activity, string operation, string client, TopicPartition partition, object? key)
    {
        activity
            .SetTag("messaging.system", "kafka")
            .SetTag("messaging.operation", operation)
            .SetTag("messaging.client_id", client)
            .SetTag("messaging.destination.name", partition.Topic);
        if (partition.Partition != Partition.Any)
        {
            activity.SetTag("messaging.kafka.destination.partition", partition.Partition.Value);
        }

        if (key is not null)
        {
            activity.SetTag("messaging.kafka.message.key", key);
        }
    }

    private static TagList Tags(string operation, TopicPartition partition, string? errorType)
    {
        var tags = new TagList { { "messaging.operation", operation }, { "messaging.system", "kafka" }, { "messaging.destination.name", partition.Topic } };
        if (partition.Partition != Partition.Any)
        {
            tags.Add("messaging.kafka.destination.partition", partition.Partition.Value);
        }

        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        return tags;
    }
}
