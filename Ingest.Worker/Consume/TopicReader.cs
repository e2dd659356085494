using System.Threading.Channels;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Ingest.Worker.Merge;
using Npgsql;
using Polly;
using Publishing;

namespace Ingest.Worker.Consume;

/// <summary>
/// Reads the partitions that the group assigns to this worker, takes the messages apart, and hands them on in batches; one thread, as Kafka's consumer
/// wants it.
/// Each partition is read from the place that the database has, never from Kafka's committed offset.
/// </summary>
internal sealed partial class TopicReader : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PollForRoom = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TopicIdIsGoodFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWaitForRoom = TimeSpan.FromSeconds(2);

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly TopicAdmin _topics;
    private readonly NpgsqlDataSource _database;
    private readonly IngestOptions _options;
    private readonly IngestHealth _health;
    private readonly TimeProvider _time;
    private readonly FrozenPeers _frozen;
    private readonly LogHistory _history;
    private readonly ILogger<TopicReader> _logger;
    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly Dictionary<int, Claim> _claims = [];
    private readonly ResiliencePipeline _untilClaimed;
    private Batch? _batch;
    private bool _mustResume;
    private Task<string?> _topicId = Task.FromResult<string?>(null);
    private long _topicIdAskedAt;
    private CancellationToken _stopping;

    public TopicReader(
        IConsumer<byte[]?, byte[]?> consumer, Rebalance rebalance, NpgsqlDataSource database, FrozenPeers frozen, LogHistory history, IngestOptions options,
        IngestHealth health, TimeProvider time, ILogger<TopicReader> logger)
    {
        _consumer = consumer;
        _topics = new TopicAdmin(consumer.Handle);
        _database = database;
        _frozen = frozen;
        _history = history;
        _options = options;
        _health = health;
        _time = time;
        _logger = logger;
        _topicIdAskedAt = time.GetTimestamp();
        _untilClaimed = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddPatience(
                failed => failed is KafkaException or NpgsqlException or InvalidOperationException or TimeoutException,
                (failed, pause) => LogCannotClaim(failed.Message, pause.TotalSeconds))
            .Build();
        rebalance.Assigned = Assigned;
        rebalance.Revoked = Revoked;
    }

    /// <summary>Creates the topic where it is missing.</summary>
    public Task EnsureTopicAsync() => _topics.EnsureAsync(_options.Topic);

    /// <summary>Reads until it is stopped, then leaves the group. Blocks its thread.</summary>
    /// <exception cref="KafkaException">The consumer can't go on.</exception>
    public void Run(ChannelWriter<Batch> batches, CancellationToken stopping)
    {
        _stopping = stopping;
        _consumer.Subscribe(_options.Topic);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                _health.Beat();
                Read(Patience());
                Resume();
                WatchTables();
                WatchTopic();
                if (_batch is { } batch)
                {
                    HandOver(batch, batches);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was read and is not in the database is read again from there.
        }
        finally
        {
            batches.TryComplete();
            _consumer.Close();
        }
    }

    /// <summary>Tells Kafka how far the database is, for tools that show lag; ingest itself does not look at it.</summary>
    public void Committed(IReadOnlyList<IncomingMessage> messages)
    {
        foreach (var last in messages.GroupBy(message => message.Claim.Partition, (_, ofPartition) => ofPartition.Last()))
        {
            last.Claim.Committed = last.To;
            try
            {
                _consumer.StoreOffset(new TopicPartitionOffset(_options.Topic, last.Claim.Partition, last.To));
            }
            catch (KafkaException)
            {
                // The partition has just been given to another worker.
            }
        }
    }

    /// <summary>Of each partition the place that the database has, and the records that are on Kafka and not yet in the database.</summary>
    public IEnumerable<(int Partition, long Committed, long Lag)> Lags()
    {
        Claim[] claims;
        lock (_claims)
        {
            claims = [.. _claims.Values];
        }

        foreach (var claim in claims)
        {
            var end = EndOf(claim);
            if (end >= 0)
            {
                yield return (claim.Partition, claim.Committed, Math.Max(0, end - claim.Committed));
            }
        }
    }

    public void Dispose()
    {
        _topics.Dispose();
        _consumer.Dispose();
    }

    private long EndOf(Claim claim)
    {
        try
        {
            return _consumer.GetWatermarkOffsets(new TopicPartition(claim.Topic, claim.Partition)).High.Value;
        }
        catch (Exception exception) when (exception is KafkaException or ObjectDisposedException)
        {
            return -1;
        }
    }

    private TimeSpan Patience()
    {
        if (_batch is null)
        {
            return Poll;
        }

        var left = _options.BatchWait - _time.GetElapsedTime(_batch.StartedAt);
        return left < PollForRoom ? PollForRoom : left < Poll ? left : Poll;
    }

    private bool IsFull(Batch batch) => batch.Messages.Count >= _options.BatchMessages || batch.Bytes >= _options.BatchBytes;

    private void Read(TimeSpan patience)
    {
        try
        {
            if (_consumer.Consume(patience) is { } record)
            {
                Take(record);
            }
        }
        catch (ConsumeException exception) when (exception.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.Local_LogTruncation)
        {
            TakeGap(exception.ConsumerRecord.Partition.Value);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            // librdkafka goes on by itself.
            LogKafka(exception.Error.Reason);
        }
    }

    /// <summary>Tables that were rebuilt know no claim of before: the group assigns, and the partitions are claimed in them.</summary>
    private void WatchTables()
    {
        if (!_claims.Values.Any(claim => claim.IsFree))
        {
            return;
        }

        foreach (var claim in _claims.Values)
        {
            claim.Leave();
        }

        _consumer.Unsubscribe();
        _consumer.Subscribe(_options.Topic);
    }

    /// <summary>A topic that was deleted and made anew has another id and begins at its beginning: its partitions are claimed anew.</summary>
    private void WatchTopic()
    {
        if (!_topicId.IsCompleted || _time.GetElapsedTime(_topicIdAskedAt) < TopicIdIsGoodFor)
        {
            return;
        }

        if (_topicId is { IsCompletedSuccessfully: true, Result: { } id } && _claims.Values.Any(claim => claim.TopicId != id))
        {
            LogRecreated(_options.Topic);
            _consumer.Unsubscribe();
            _consumer.Subscribe(_options.Topic);
        }

        _topicIdAskedAt = _time.GetTimestamp();
        _topicId = AskTopicIdAsync();
    }

    private async Task<string?> AskTopicIdAsync()
    {
        try
        {
            return await _topics.IdOfAsync(_options.Topic);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    private void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        if (!_claims.TryGetValue(record.Partition.Value, out var claim) || record.Offset.Value < claim.Position)
        {
            return;
        }

        if (claim.IsGivenUp)
        {
            _consumer.Pause([record.TopicPartition]);
            return;
        }

        if (record.LeaderEpoch is { } epoch)
        {
            claim.Read.TryAdd(epoch, record.Offset.Value);
        }

        Add(IncomingMessage.Read(record, claim));
    }

    private void Add(IncomingMessage? message)
    {
        if (message is null)
        {
            return;
        }

        message.Claim.Position = message.To;
        _batch ??= new Batch(_time.GetTimestamp());
        _batch.Add(message);
    }

    /// <summary>Kafka does not have what comes next: goes on where it has something.</summary>
    private void TakeGap(int partition)
    {
        if (!_claims.TryGetValue(partition, out var claim) || claim.IsGivenUp)
        {
            return;
        }

        Add(_history.GapIn(claim, _stopping));

        // Where the fetch has failed, a seek is refused.
        _consumer.IncrementalUnassign([new TopicPartition(claim.Topic, partition)]);
        _consumer.IncrementalAssign([new TopicPartitionOffset(claim.Topic, partition, claim.Position)]);
    }

    /// <summary>
    /// Hands over a batch that is full, or that has waited long enough and finds room; until then it grows, so that batches are small at a trickle and large
    /// when much is behind.
    /// </summary>
    private void HandOver(Batch batch, ChannelWriter<Batch> batches)
    {
        if (IsFull(batch))
        {
            _batch = null;
            UntilWritten(batch, batches);
        }
        else if (_time.GetElapsedTime(batch.StartedAt) >= _options.BatchWait && batches.TryWrite(batch))
        {
            _batch = null;
        }
    }

    /// <summary>
    /// Waits until there is room for the batch. If that takes long, it goes on polling, so that the group does not take the worker for dead.
    /// </summary>
    private void UntilWritten(Batch batch, ChannelWriter<Batch> batches)
    {
        var isPaused = false;
        while (!batches.TryWrite(batch))
        {
            if (batches.WaitToWriteAsync(_stopping).AsTask().Wait(isPaused ? Poll : LongestWaitForRoom, _stopping))
            {
                continue;
            }

            isPaused = true;
            _consumer.Pause(_consumer.Assignment);
            _health.Beat();
            Read(TimeSpan.Zero);
        }

        _mustResume |= isPaused;
        Resume();
    }

    /// <summary>A partition that was paused when it was taken away is still paused when it comes back.</summary>
    private void Resume()
    {
        if (_mustResume)
        {
            _mustResume = false;
            _consumer.Resume(_consumer.Assignment);
        }
    }

    private IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        _health.Joined();
        if (partitions.Count == 0)
        {
            return [];
        }

        var claims = Claim([.. partitions.Select(partition => partition.Partition.Value)]);
        lock (_claims)
        {
            foreach (var claim in claims)
            {
                _claims[claim.Partition] = claim;
            }
        }

        foreach (var claim in claims)
        {
            _untilClaimed.Execute(_ => Add(_history.CutIn(claim, _stopping)), _stopping);
        }

        _mustResume = true;
        LogClaimed(claims.Count, string.Join(", ", claims.OrderBy(claim => claim.Partition).Select(claim => $"{claim.Partition} from {claim.Position}")));
        return claims.Select(claim => new TopicPartitionOffset(claim.Topic, claim.Partition, claim.Position));
    }

    private void Revoked(IEnumerable<TopicPartition> partitions)
    {
        lock (_claims)
        {
            foreach (var partition in partitions)
            {
                if (_claims.Remove(partition.Partition.Value, out var claim))
                {
                    claim.GiveUp();
                }
            }
        }
    }

    /// <summary>Claims in the database, however long it is away: without its word nothing can be read.</summary>
    private List<Claim> Claim(int[] partitions) => _untilClaimed.Execute(
        _ =>
        {
            _health.Beat();
            return ClaimAsync(partitions).GetAwaiter().GetResult();
        },
        _stopping);

    private async Task<List<Claim>> ClaimAsync(int[] partitions)
    {
        using var activity = Telemetry.Activities.StartActivity($"claim {_options.Topic}");
        var topicId = await _topics.IdOfAsync(_options.Topic) ?? throw new InvalidOperationException($"Kafka has no topic {_options.Topic}.");
        var claims = await _frozen.EndWhileAsync(
            () => PartitionPlaces.ClaimAsync(_database, _options.Topic, topicId, partitions, _options.Group, _owner, _stopping), _stopping);
        await StoredEpochs.ReadAsync(_database, claims, _stopping);
        return claims;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Ingesting {Count} partitions: {Places}.")]
    private partial void LogClaimed(int count, string places);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning,
        Message = "The assigned partitions can't be claimed in the database ({Reason}): the next attempt is in {Seconds} s.")]
    private partial void LogCannotClaim(string reason, double seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Kafka: {Reason}")]
    private partial void LogKafka(string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "The topic {Topic} was deleted and made anew: it is ingested from its beginning.")]
    private partial void LogRecreated(string topic);
}
