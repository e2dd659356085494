using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Confluent.Kafka;

/// <summary>librdkafka's log lines under the category <c>Aspire.Confluent.Kafka</c>.</summary>
internal static partial class KafkaLog
{
    public static ILogger Logger(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Confluent.Kafka");

    public static void Write(ILogger logger, LogMessage message) =>
        LibrdkafkaSays(logger, (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), message.Message);

    [LoggerMessage(EventId = 1, EventName = "librdkafka", Message = "{Text}")]
    private static partial void LibrdkafkaSays(ILogger logger, LogLevel level, string text);

    [LoggerMessage(
        EventId = 2, EventName = "HandlerTaken", Level = LogLevel.Warning,
        Message = "The application has set a {Handler} handler of its own, so nothing of that comes here.")]
    public static partial void HandlerTaken(ILogger logger, string handler);
}
