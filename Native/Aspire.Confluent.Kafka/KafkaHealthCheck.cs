using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Confluent.Kafka;

/// <summary>Healthy when a message to the topic <c>healthchecks-topic</c> is acknowledged.</summary>
/// <param name="configure">The producer's configuration, asked for at the first check.</param>
internal sealed class KafkaHealthCheck(Func<ProducerConfig> configure) : IHealthCheck, IDisposable
{
    private readonly Lazy<IProducer<string, string>> _producer = new(
        () => new ProducerBuilder<string, string>(configure()).SetLogHandler((_, _) => { }).Build(), // The check's result says what is wrong.
        LazyThreadSafetyMode.PublicationOnly); // What fails now is tried again at the next check.

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var message = new Message<string, string> { Key = "health", Value = "check" };
            var result = await _producer.Value.ProduceAsync("healthchecks-topic", message, cancellationToken);
            return result.Status == PersistenceStatus.NotPersisted
                ? new HealthCheckResult(context.Registration.FailureStatus, "Kafka did not keep the message.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
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
