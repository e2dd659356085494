using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Polly;
using Polly.Retry;

namespace Publishing;

/// <summary>Creates the topic that carries the events, and asks Kafka about it.</summary>
/// <param name="client">A producer's or consumer's connection to Kafka; it must outlive this.</param>
public sealed class TopicAdmin(Handle client) : IDisposable
{
    private const int Partitions = 6;

    // The events are what everything else is made of, and `publish --once` asks the topic what it has: Kafka's week would let it publish a file again.
    private static readonly Dictionary<string, string> KeptForEver = new() { ["retention.ms"] = "-1" };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A topic that was just made is not known to every broker for a moment.
    private static readonly ResiliencePipeline<int> UntilItHasPartitions = new ResiliencePipelineBuilder<int>()
        .AddRetry(new RetryStrategyOptions<int>
        {
            ShouldHandle = new PredicateBuilder<int>().HandleResult(0),
            Delay = TimeSpan.FromMilliseconds(50),
            MaxRetryAttempts = 400,
        })
        .Build();

    private readonly IAdminClient _admin = new DependentAdminClientBuilder(client).Build();

    /// <summary>Creates the topic if it is missing: its events are kept for ever, replicated as the cluster does by default.</summary>
    /// <exception cref="KafkaException">Kafka does not answer or refuses.</exception>
    public async Task EnsureAsync(string topic)
    {
        if (await IdOfAsync(topic) is not null)
        {
            return;
        }

        try
        {
            await _admin.CreateTopicsAsync(
                [new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = -1, Configs = KeptForEver }],
                new CreateTopicsOptions { RequestTimeout = Patience });
        }
        catch (CreateTopicsException exception) when (exception.Results is [{ Error.Code: ErrorCode.TopicAlreadyExists }])
        {
            // Another process was first.
        }
    }

    /// <summary>Creates the topic if it is missing, and waits until it is known.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="patience">How long to wait for a connection.</param>
    /// <param name="cancellationToken">Ends the wait for the topic.</param>
    /// <returns>The number of its partitions.</returns>
    /// <exception cref="KafkaException">Kafka does not answer in time or refuses.</exception>
    public async Task<int> EnsurePartitionsAsync(string topic, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The first question waits for a connection; the admin client's own would give up at once.
        await Task.Run(() => _admin.GetMetadata(patience), cancellationToken);
        await EnsureAsync(topic);
        var partitions = await UntilItHasPartitions.ExecuteAsync(
            async token => await Task.Run(
                () => _admin.GetMetadata(topic, patience).Topics is [{ Error.IsError: false, Partitions.Count: var count }] ? count : 0, token),
            cancellationToken);
        return partitions > 0
            ? partitions
            : throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"the topic {topic} was created but is not known"));
    }

    /// <summary>Kafka's id of the topic; null where there is no such topic.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<string?> IdOfAsync(string topic)
    {
        try
        {
            var described = await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Patience });
            return described.TopicDescriptions[0].TopicId.ToString();
        }
        catch (DescribeTopicsException exception) when (exception.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            return null;
        }
    }

    /// <summary>Ends its questions; the connection stays the client's.</summary>
    public void Dispose() => _admin.Dispose();
}
