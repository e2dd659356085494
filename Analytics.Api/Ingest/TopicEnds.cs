using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Publishing;

namespace Analytics.Api.Ingest;

/// <summary>What Kafka said of the topic: its id and each partition's end offset, or why it said nothing.</summary>
internal sealed record TopicEnd(string? TopicId, IReadOnlyDictionary<int, long> EndOffsets, string? Reason)
{
    public static TopicEnd Unknown(string reason) => new(null, new Dictionary<int, long>(), reason);
}

/// <summary>
/// Asks Kafka where the topic ends, at most once a second however many ask here, over the one connection of the API's producer,
/// and never makes a request wait longer than two seconds.
/// </summary>
internal sealed partial class TopicEnds(IServiceProvider services, IOptions<TopicOptions> options, TimeProvider time, ILogger<TopicEnds> logger) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private IAdminClient? _admin;
    private int _replacements;
    private Task<TopicEnd>? _latest;
    private long _asked;

    public async Task<TopicEnd> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Latest().WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return TopicEnd.Unknown("Kafka does not answer.");
        }
    }

    private Task<TopicEnd> Latest()
    {
        lock (_lock)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_asked) > Freshness))
            {
                _asked = time.GetTimestamp();
                _latest = Task.Run(AskAsync);
            }

            return _latest;
        }
    }

    /// <summary>
    /// Made at the first question, so that an API without Kafka still answers what the database knows, and anew when the producer was replaced.
    /// </summary>
    private IAdminClient Admin()
    {
        var producer = services.GetRequiredService<EventProducer>();
        var replacements = producer.Replacements;
        if (_admin is null || replacements != _replacements)
        {
            _admin?.Dispose();
            _admin = new DependentAdminClientBuilder(producer.Handle).Build();
            _replacements = replacements;
        }

        return _admin;
    }

    private async Task<TopicEnd> AskAsync()
    {
        var topic = options.Value.Topic;
        try
        {
            var admin = Admin();
            var described = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Patience });
            var description = described.TopicDescriptions[0];
            var ends = await admin.ListOffsetsAsync(
                description.Partitions.Select(partition => new TopicPartitionOffsetSpec
                {
                    TopicPartition = new TopicPartition(topic, partition.Partition),
                    OffsetSpec = OffsetSpec.Latest(),
                }),
                new ListOffsetsOptions { RequestTimeout = Patience });
            return new TopicEnd(
                description.TopicId.ToString(),
                ends.ResultInfos.ToDictionary(
                    info => info.TopicPartitionOffsetError.Partition.Value,
                    info => info.TopicPartitionOffsetError.Offset.Value),
                null);
        }
        catch (DescribeTopicsException exception) when (exception.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            return TopicEnd.Unknown($"Kafka has no topic \"{topic}\" yet.");
        }
        catch (KafkaException exception)
        {
            LogNoAnswer(logger, topic, exception.Error.Reason);
            return TopicEnd.Unknown($"Kafka does not answer: {exception.Error.Reason}.");
        }
        catch (InvalidOperationException exception)
        {
            return TopicEnd.Unknown(exception.Message);
        }
    }

    public void Dispose() => _admin?.Dispose();

    [LoggerMessage(200, LogLevel.Warning, "Kafka did not say where {Topic} ends: {Reason}")]
    private static partial void LogNoAnswer(ILogger logger, string topic, string reason);
}
