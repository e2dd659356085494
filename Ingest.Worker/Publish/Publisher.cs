using System.Text;
using Assessments;
using Confluent.Kafka;

namespace Ingest.Worker.Publish;

/// <summary>Puts files on the topic, a bounded number of messages ahead of what Kafka has acknowledged.</summary>
internal sealed class Publisher(IProducer<byte[]?, byte[]> producer, string topic, int partitions)
{
    /// <summary>The most that is kept of what is no event, in bytes.</summary>
    private const int KeptBytes = 512 * 1024;
    private readonly TimeProvider _time = TimeProvider.System;
    private long _sent;
    private long _acknowledged;
    private KafkaException? _failure;
    private TaskCompletionSource? _waiting;

    /// <summary>Settings of a producer whose messages of one partition are in order, without a gap and without a repeat.</summary>
    public static void Configure(ProducerConfig config)
    {
        config.EnableIdempotence = true;
        config.EnableGaplessGuarantee = true; // PublishedBefore relies on it.
        config.Acks = Acks.All;
        config.CompressionType = CompressionType.Zstd;
        config.LingerMs = 20;
        config.MessageTimeoutMs = 120_000; // Long enough for a broker to come back.
        config.MessageMaxBytes = 1_048_576;
        config.QueueBufferingMaxMessages = 50_000;
        config.QueueBufferingMaxKbytes = 64 * 1024;
        config.DeliveryReportFields = "none"; // A report still says whether it failed.
    }

    /// <summary>Publishes one file.</summary>
    /// <returns>How many of its slices are no events.</returns>
    /// <exception cref="KafkaException">A message could not be delivered.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public async Task<long> PublishAsync(string file, byte[]? digest, PublishedBefore before, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Activities.StartActivity($"publish {(file == "-" ? "standard input" : Path.GetFileName(file))}");
        var progress = new Progress(file == "-" ? "standard input" : file, _time);
        long published = 0, faulty = 0, skipped = 0;
        using (var spans = new SendSpans(topic, _time))
        {
            await using var stream = await EventFile.OpenAsync(file, cancellationToken);
            await foreach (var slice in EventFile.ReadAsync(stream, new EventFileOptions { KeptBytes = KeptBytes }, cancellationToken))
            {
                var (key, reason) = KeyOf(slice);
                var partition = Partitioner.PartitionOf(key, key is not null, slice.Index, partitions);
                if (reason is not null)
                {
                    faulty++;
                    progress.Fault(slice.Line, slice.Offset, reason);
                }

                if (before.Contains(slice.Index, partition))
                {
                    skipped++;
                    continue;
                }

                var headers = SourceHeaders.Of(spans.Next(), digest, slice.Index);
                if (reason is not null)
                {
                    SourceHeaders.AddFault(headers, reason, file, slice);
                }

                var value = slice.Bytes.Span[..Math.Min(slice.Bytes.Length, reason is null ? int.MaxValue : KeptBytes)].ToArray();
                await SendAsync(partition, new Message<byte[]?, byte[]> { Key = key, Value = value, Headers = headers }, cancellationToken);
                published += reason is null ? 1 : 0;
                progress.Report(published);
            }
        }

        await DeliveredAsync(cancellationToken);
        activity?.SetTag("messaging.batch.message_count", published + faulty);
        progress.Close(published, faulty, ReferenceEquals(before, PublishedBefore.Nothing) ? null : skipped);
        return faulty;
    }

    private static (byte[]? Key, string? Reason) KeyOf(in EventSlice slice)
    {
        if (slice.Fault is not null)
        {
            return (null, slice.Fault);
        }

        return AttemptEventReader.TryReadKey(slice.Bytes.Span, out var userExamId, out var reason)
            ? (Encoding.UTF8.GetBytes(userExamId!), null)
            : (null, reason);
    }

    private async ValueTask SendAsync(int partition, Message<byte[]?, byte[]> message, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Whoever waits is registered before the attempt, so that no acknowledgement is missed.
            var room = Wait();
            ThrowIfFailed();
            try
            {
                producer.Produce(new TopicPartition(topic, partition), message, Acknowledged);
                _sent++;
                return;
            }
            catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await room.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task DeliveredAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var room = Wait();
            ThrowIfFailed();
            if (Interlocked.Read(ref _acknowledged) == _sent)
            {
                return;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes at the next acknowledgement.</summary>
    private Task Wait()
    {
        if (Volatile.Read(ref _waiting) is { } waiting)
        {
            return waiting.Task;
        }

        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _waiting, own, null) ?? own).Task;
    }

    private void Acknowledged(DeliveryReport<byte[]?, byte[]> report)
    {
        if (report.Error.IsError)
        {
            Interlocked.CompareExchange(ref _failure, new KafkaException(report.Error), null);
        }

        Interlocked.Increment(ref _acknowledged);
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw failure;
        }
    }
}
