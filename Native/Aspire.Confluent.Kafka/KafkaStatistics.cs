using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Confluent.Kafka;

/// <summary>
/// What librdkafka tells about a client every <c>statistics.interval.ms</c> (its STATISTICS.md), as metrics. Aspire 8 had these; since then they
/// are made where the application's switch <c>EnableAspire8ConfluentKafkaMetrics</c> is on.
/// </summary>
internal sealed partial class KafkaStatistics
{
    public const string MeterName = "Aspire.Confluent.Kafka";

    private readonly ConcurrentDictionary<string, Snapshot> _clients = new();

    public KafkaStatistics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        Gauge("messaging.kafka.consumer.queue.message_count", client => client.ReplyQueue, "What waits in the client for the application.");
        Gauge("messaging.kafka.producer.queue.message_count", client => client.QueuedMessages, "Messages in the producer's queues.");
        Gauge("messaging.kafka.producer.queue.size", client => client.QueuedBytes, "Bytes of the messages in the producer's queues.");
        Counter("messaging.kafka.network.tx", client => client.Requests, "Requests sent to brokers.");
        Counter("messaging.kafka.network.transmitted", client => client.RequestBytes, "Bytes sent to brokers.");
        Counter("messaging.kafka.network.rx", client => client.Responses, "Responses received from brokers.");
        Counter("messaging.kafka.network.received", client => client.ResponseBytes, "Bytes received from brokers.");
        Counter("messaging.publish.messages", client => client.Sent, "Messages sent to brokers.");
        Counter("messaging.kafka.message.transmitted", client => client.SentBytes, "Bytes of the messages sent to brokers, with framing.");
        Counter("messaging.receive.messages", client => client.Received, "Messages received from brokers, without those that were ignored.");
        Counter("messaging.kafka.message.received", client => client.ReceivedBytes, "Bytes of the messages received from brokers, with framing.");

        void Gauge(string name, Func<Snapshot, long> value, string description) =>
            meter.CreateObservableGauge(name, () => Measure(value, withType: false), unit: null, description);

        void Counter(string name, Func<Snapshot, long> value, string description) =>
            meter.CreateObservableCounter(name, () => Measure(value, withType: true), unit: null, description);
    }

    public static bool Wanted => AppContext.TryGetSwitch("EnableAspire8ConfluentKafkaMetrics", out var wanted) && wanted;

    /// <summary>Takes a client's statistics; called on the thread that serves the client, once an interval.</summary>
    public void Take(string json)
    {
        if (JsonSerializer.Deserialize(json, StatisticsJson.Default.Snapshot) is { Name: { } name } snapshot)
        {
            _clients[name] = snapshot;
        }
    }

    private IEnumerable<Measurement<long>> Measure(Func<Snapshot, long> value, bool withType) =>
        _clients.Values.Select(client => new Measurement<long>(value(client), Tags(client, withType)));

    private static IEnumerable<KeyValuePair<string, object?>> Tags(Snapshot client, bool withType)
    {
        yield return new("messaging.client_id", client.ClientId);
        yield return new("name", client.Name);
        if (withType)
        {
            yield return new("type", client.Type);
        }
    }

    /// <summary>The totals of one client, by librdkafka's names.</summary>
    internal sealed record Snapshot(
        [property: JsonPropertyName("name")] string? Name,
        [property: JsonPropertyName("client_id")] string? ClientId,
        [property: JsonPropertyName("type")] string? Type,
        [property: JsonPropertyName("replyq")] long ReplyQueue,
        [property: JsonPropertyName("msg_cnt")] long QueuedMessages,
        [property: JsonPropertyName("msg_size")] long QueuedBytes,
        [property: JsonPropertyName("tx")] long Requests,
        [property: JsonPropertyName("tx_bytes")] long RequestBytes,
        [property: JsonPropertyName("rx")] long Responses,
        [property: JsonPropertyName("rx_bytes")] long ResponseBytes,
        [property: JsonPropertyName("txmsgs")] long Sent,
        [property: JsonPropertyName("txmsg_bytes")] long SentBytes,
        [property: JsonPropertyName("rxmsgs")] long Received,
        [property: JsonPropertyName("rxmsg_bytes")] long ReceivedBytes);

    [JsonSerializable(typeof(Snapshot))]
    private sealed partial class StatisticsJson : JsonSerializerContext;
}
