using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>What <c>AddKafkaProducer</c> reads from configuration and hands to its delegate.</summary>
public sealed class KafkaProducerSettings
{
    /// <summary>The bootstrap servers, <c>host:port</c> separated by commas; over that of <see cref="Config"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>librdkafka's own settings.</summary>
    public ProducerConfig Config { get; } = new();

    /// <summary>Whether no metrics are recorded.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Whether no health check is registered.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether no spans are made and no trace context is put into headers.</summary>
    public bool DisableTracing { get; set; }
}
