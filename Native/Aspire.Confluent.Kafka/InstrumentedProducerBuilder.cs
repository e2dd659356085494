using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Confluent.Kafka;

/// <summary>Builds producers that make spans and metrics as their settings say.</summary>
internal sealed class InstrumentedProducerBuilder<TKey, TValue>(KafkaProducerSettings settings) : ProducerBuilder<TKey, TValue>(settings.Config)
{
    /// <summary>Takes logs and statistics, where the application does not take them itself.</summary>
    public void AddHandlers(IServiceProvider services)
    {
        var logger = KafkaLog.Logger(services);
        if (LogHandler is not null)
        {
            KafkaLog.HandlerTaken(logger, "log");
        }

        LogHandler ??= (_, message) => KafkaLog.Write(logger, message);
        if (!settings.DisableMetrics && services.GetService<KafkaStatistics>() is { } statistics)
        {
            if (StatisticsHandler is not null)
            {
                KafkaLog.HandlerTaken(logger, "statistics");
            }

            StatisticsHandler ??= (_, json) => statistics.Take(json);
        }
    }

    public override IProducer<TKey, TValue> Build() =>
        settings is { DisableTracing: true, DisableMetrics: true } ? base.Build() : new InstrumentedProducer<TKey, TValue>(base.Build(), settings);
}
