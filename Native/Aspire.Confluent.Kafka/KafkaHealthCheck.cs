using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Confluent.Kafka;

/// <summary>Healthy when a message to <c>healthchecks-topic</c> is acknowledged within a second, as Aspire's own check asks.</summary>
internal sealed class KafkaHealthCheck(ClientConfig client) : IHealthCheck, IDisposable
{
    private readonly Lazy<IProducer<Null, string>> _producer = new(() =>
        new ProducerBuilder<Null, string>(new ProducerConfig(new ClientConfig(client))
        {
            MessageTimeoutMs = 1000,
            SocketTimeoutMs = 1000,
            MessageSendMaxRetries = 0,
        }).SetLogHandler((_, _) => { }).Build());

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var result = await _producer.Value.ProduceAsync("healthchecks-topic", new Message<Null, string> { Value = "healthy?" }, cancellationToken);
            return result.Status == PersistenceStatus.NotPersisted
                ? new HealthCheckResult(context.Registration.FailureStatus, "Kafka did not keep the message.")
                : HealthCheckResult.Healthy();
        }
        catch (KafkaException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Error.Reason, exception);
        }
    }

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }
}
