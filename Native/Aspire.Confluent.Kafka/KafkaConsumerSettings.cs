using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>What <c>AddKafkaConsumer</c> reads from configuration and hands to its delegate.</summary>
public sealed class KafkaConsumerSettings
{
    /// <summary>The bootstrap servers, <c>host:port</c> separated by commas; over that of <see cref="Config"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>librdkafka's own settings; a group id is required.</summary>
    public ConsumerConfig Config { get; } = new();

    /// <summary>Whether no metrics are recorded.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Whether no health check is registered.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether no spans are made for received messages.</summary>
    public bool DisableTracing { get; set; }
}
