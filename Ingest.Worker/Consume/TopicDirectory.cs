using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Ingest.Worker.Consume;

/// <summary>What Kafka says of the topic itself.</summary>
internal sealed class TopicDirectory(Handle client) : IDisposable
{
    private const int Partitions = 6;

    // The events are what everything else is made of, and `publish --once` asks the topic what it has: Kafka's week would let it publish a file again.
    private static readonly Dictionary<string, string> s_keptForEver = new() { ["retention.ms"] = "-1" };
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
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
                [new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = -1, Configs = s_keptForEver }],
                new CreateTopicsOptions { RequestTimeout = s_patience });
        }
        catch (CreateTopicsException exception) when (exception.Results is [{ Error.Code: ErrorCode.TopicAlreadyExists }])
        {
            // Another worker was first.
        }
    }

    /// <summary>Creates the topic if it is missing, and waits until it is known.</summary>
    /// <returns>The number of its partitions.</returns>
    /// <exception cref="KafkaException">Kafka does not answer in time or refuses.</exception>
    public async Task<int> EnsurePartitionsAsync(string topic, TimeSpan patience)
    {
        // The first question waits for a connection; the admin client's own would give up at once.
        await Task.Run(() => _admin.GetMetadata(patience));
        await EnsureAsync(topic);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var metadata = await Task.Run(() => _admin.GetMetadata(topic, patience));
            if (metadata.Topics is [{ Error.IsError: false, Partitions.Count: > 0 and var count }])
            {
                return count;
            }

            if (TimeProvider.System.GetElapsedTime(started) > patience)
            {
                throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"the topic {topic} was created but is not known"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Kafka's id of the topic; null where there is no such topic.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<string?> IdOfAsync(string topic)
    {
        try
        {
            var described = await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = s_patience });
            return described.TopicDescriptions[0].TopicId.ToString();
        }
        catch (DescribeTopicsException exception) when (exception.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            return null;
        }
    }

    public void Dispose() => _admin.Dispose();
}
