using System.Diagnostics;
using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>The span and the time of one message on its way out.</summary>
internal readonly struct SendTelemetry(Activity? activity, TopicPartition partition, bool metrics)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public void End(Exception? failure)
    {
        var errorType = failure switch
        {
            KafkaException kafka => $"ProduceException: {kafka.Error.Code}",
            ArgumentException argument => $"ArgumentException: {argument.ParamName}",
            _ => null,
        };
        if (errorType is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", errorType);
        }

        activity?.Dispose();
        if (metrics)
        {
            KafkaTelemetry.Published(partition, Stopwatch.GetElapsedTime(_started), errorType);
        }
    }
}
