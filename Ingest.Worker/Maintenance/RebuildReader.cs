using System.Threading.Channels;
using Confluent.Kafka;
using Ingest.Worker.Batches;
using Ingest.Worker.Consume;

namespace Ingest.Worker.Maintenance;

/// <summary>Reads a topic from its beginning, outside of any consumer group, and has it written as a worker writes it.</summary>
internal sealed class RebuildReader
{
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly BatchWriter _writer;
    private readonly IngestOptions _options;
    private readonly Dictionary<int, Claim> _claims = [];
    private readonly Dictionary<int, long> _reached = [];
    private long _written;

    /// <param name="consumer">Tells the ends of partitions.</param>
    /// <param name="writer">Writes into the fresh tables.</param>
    /// <param name="options">How large a batch is.</param>
    public RebuildReader(IConsumer<byte[]?, byte[]?> consumer, BatchWriter writer, IngestOptions options) =>
        (_consumer, _writer, _options) = (consumer, writer, options);

    /// <summary>Records that are written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>The partitions that are read.</summary>
    public IReadOnlyCollection<int> Partitions => _claims.Keys;

    /// <summary>Reads other partitions too.</summary>
    public void Add(IReadOnlyList<Claim> claims)
    {
        foreach (var claim in claims)
        {
            _claims.Add(claim.Partition, claim);
        }

        _consumer.Assign(_claims.Values.Select(claim => new TopicPartitionOffset(claim.Topic, claim.Partition, claim.Position)));
    }

    /// <summary>Reads on at least to some offsets, or to the end of a partition that ends before, and returns when all of it is written.</summary>
    /// <exception cref="KafkaException">Kafka can't go on.</exception>
    public async Task ReadToAsync(IReadOnlyDictionary<int, long> ends, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        var writing = _writer.RunAsync(batches.Reader, messages => Interlocked.Add(ref _written, messages.Count), either.Token);
        try
        {
            await Task.WhenAny(writing, Task.Run(() => ReadAsync(ends, batches.Writer, either.Token), either.Token)).Unwrap();
            batches.Writer.TryComplete();
            await writing;
        }
        finally
        {
            await either.CancelAsync();
        }
    }

    private async Task ReadAsync(IReadOnlyDictionary<int, long> ends, ChannelWriter<Batch> batches, CancellationToken cancellationToken)
    {
        Batch? batch = null;
        while (ends.Any(end => _reached.GetValueOrDefault(end.Key) < end.Value))
        {
            var record = _consumer.Consume(cancellationToken);
            var partition = record.Partition.Value;
            if (record.IsPartitionEOF)
            {
                _reached[partition] = Math.Max(record.Offset.Value, ends.GetValueOrDefault(partition));
                continue;
            }

            var claim = _claims[partition];
            if (record.LeaderEpoch is { } epoch)
            {
                claim.Read.TryAdd(epoch, record.Offset.Value);
            }

            var message = IncomingMessage.Read(record, claim);
            claim.Position = message.To;
            _reached[partition] = message.To;
            (batch ??= new Batch(startedAt: 0)).Add(message);
            if (batch.Messages.Count >= _options.BatchMessages || batch.Bytes >= _options.BatchBytes)
            {
                await batches.WriteAsync(batch, cancellationToken);
                batch = null;
            }
        }

        if (batch is not null)
        {
            await batches.WriteAsync(batch, cancellationToken);
        }
    }
}
