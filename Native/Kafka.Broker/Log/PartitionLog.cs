using Kafka.Broker.Files;
using Kafka.Broker.Protocol;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Log;

/// <summary>What became of an append. The timestamp is -1 unless the log stamps its own.</summary>
internal readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long AppendTime, string? Message)
{
    /// <summary>The number of the record in its batch that it was refused for; null if it was not for one.</summary>
    public int? BadRecord { get; init; }

    public static AppendResult Refused(ErrorCode error, string message) => new(error, -1, -1, message);
}

/// <summary>What a fetch finds at an offset.</summary>
internal readonly record struct ReadResult(ErrorCode Error, FileSlice Slice)
{
    /// <summary>The leader epoch, with its end, up to which a client that asks has this log's history; null if all of it is.</summary>
    public (int Epoch, long EndOffset)? Diverging { get; init; }
}

/// <summary>What all logs of the broker share.</summary>
internal sealed record LogResources(OpenFiles Files, StorageErrors Errors, TimeProvider Time, ILogger Log);

/// <summary>
/// The log of one partition: segments in ascending order, the last of which is written to. Appends come one at a time, under the lock;
/// reads take none. Everything appended is committed at once, since there is no other replica: the high watermark is the end.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _flush = new();
    private readonly string _folder;
    private readonly LogResources _resources;
    private readonly ProducerStates _producers = new();
    private readonly LeaderEpochs _epochs;
    private readonly HashSet<FetchWait> _waiting = [];
    private Segment[] _segments;
    private long _startOffset;
    private long _endOffset;
    private long _recoveryPoint;
    private long _snapshotOffset = -1;
    private bool _closed;

    public LogConfig Config { get; set; }

    public string Folder => _folder;

    /// <summary>The leader epoch that batches are stamped with; a new one begins when the broker starts after an unclean stop.</summary>
    public int LeaderEpoch => _epochs.Current;

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset => Volatile.Read(ref _startOffset);

    /// <summary>The offset that the next record gets; the high watermark.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>Everything below is known to be on the disk.</summary>
    public long RecoveryPoint => Volatile.Read(ref _recoveryPoint);

    public long SizeInBytes
    {
        get
        {
            long size = 0;
            foreach (var segment in Volatile.Read(ref _segments))
            {
                size += segment.Size;
            }

            return size;
        }
    }

    /// <summary>Appends the batches of one produce request; their base offsets and epochs are written into the given bytes.</summary>
    public AppendResult Append(Span<byte> batches, LogConfig config)
    {
        var now = _resources.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (config.LogAppendTime)
        {
            for (var at = 0; at < batches.Length; at += (int)new RecordBatch(batches[at..]).Size)
            {
                new RecordBatch(batches[at..]).StampAppendTime(now);
            }
        }

        lock (_lock)
        {
            if (_closed)
            {
                return AppendResult.Refused(ErrorCode.UnknownTopicOrPartition, "The partition is being deleted.");
            }

            var first = new RecordBatch(batches);
            if (first.ProducerId >= 0)
            {
                var (error, duplicateOf) = _producers.Check(first);
                if (error != ErrorCode.None)
                {
                    return AppendResult.Refused(
                        error, $"Producer {first.ProducerId} with epoch {first.ProducerEpoch} sent sequence {first.BaseSequence} out of order.");
                }

                if (duplicateOf is { } offset)
                {
                    return new AppendResult(ErrorCode.None, offset, -1, null);
                }
            }

            var baseOffset = _endOffset;
            var next = baseOffset;
            for (var at = 0; at < batches.Length;)
            {
                var batch = new RecordBatch(batches[at..]) { BaseOffset = next, LeaderEpoch = LeaderEpoch };
                next = batch.LastOffset + 1;
                at += (int)batch.Size;
            }

            try
            {
                RollIfDue(_segments[^1], batches.Length, next - 1, first.MaxTimestamp, config).Append(batches);
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _resources.Errors.Report(_folder, e);
                return AppendResult.Refused(ErrorCode.KafkaStorageError, $"The broker can't write to its data folder: {e.Message}");
            }

            for (var at = 0; at < batches.Length;)
            {
                var batch = new RecordBatch(batches[at..]);
                _producers.Add(batch);
                at += (int)batch.Size;
            }

            Volatile.Write(ref _endOffset, next);
            _resources.Errors.Clear(_folder);
            foreach (var wait in _waiting)
            {
                wait.Wake();
            }

            return new AppendResult(ErrorCode.None, baseOffset, config.LogAppendTime ? now : -1, null);
        }
    }

    private Segment RollIfDue(Segment active, int bytes, long lastOffset, long timestamp, LogConfig config)
    {
        var due = active.Size > 0
            && (active.Size + bytes > config.SegmentBytes
                || lastOffset - active.BaseOffset > int.MaxValue
                || (active.FirstTimestamp >= 0 && timestamp - active.FirstTimestamp > config.SegmentMs));
        return due ? Roll(active) : active;
    }

    private Segment Roll(Segment active)
    {
        active.Seal();
        var next = new Segment(_resources.Files, _folder, _endOffset);
        Volatile.Write(ref _segments, [.. _segments, next]);
        ThreadPool.QueueUserWorkItem(static log => log.Flush(), this, preferLocal: false);
        return next;
    }

    /// <summary>
    /// The records from an offset on, at most so many bytes of one segment. The last batch may be cut, as Kafka cuts it; the first
    /// one is whole however large it is, if asked for, so that a consumer gets on.
    /// </summary>
    public ReadResult Read(long offset, int maxBytes, bool wholeFirstBatch)
    {
        var end = EndOffset;
        if (offset < StartOffset || offset > end)
        {
            return new ReadResult(ErrorCode.OffsetOutOfRange, FileSlice.Empty);
        }

        if (offset == end)
        {
            return new ReadResult(ErrorCode.None, FileSlice.Empty);
        }

        try
        {
            var segments = Volatile.Read(ref _segments);
            for (var i = IndexOf(segments, offset); i < segments.Length; i++)
            {
                if (Find(segments[i], offset) is not var (position, size))
                {
                    continue;
                }

                if (size > maxBytes && !wholeFirstBatch)
                {
                    return new ReadResult(ErrorCode.None, FileSlice.Empty);
                }

                var length = Math.Min(Math.Max(size, maxBytes), segments[i].Size - position);
                return new ReadResult(ErrorCode.None, segments[i].Slice(position, (int)length));
            }
        }
        catch (ObjectDisposedException)
        {
            // Retention deleted the segment in between.
        }
        catch (Exception e) when (StorageErrors.IsStorageError(e))
        {
            _resources.Errors.Report(_folder, e);
            return new ReadResult(ErrorCode.KafkaStorageError, FileSlice.Empty);
        }

        return new ReadResult(ErrorCode.OffsetOutOfRange, FileSlice.Empty);
    }

    private (long Position, int Size)? Find(Segment segment, long offset)
    {
        try
        {
            return segment.Find(offset);
        }
        catch (InvalidDataException)
        {
            lock (_lock)
            {
                LogIndexRebuilt(_resources.Log, _folder, segment.BaseOffset);
                segment.RebuildIndexes();
            }

            return segment.Find(offset);
        }
    }

    /// <summary>What a client is told that believes in another leader epoch; -1 believes in none.</summary>
    public ErrorCode CheckLeaderEpoch(int believed) =>
        believed < 0 || believed == LeaderEpoch ? ErrorCode.None
        : believed < LeaderEpoch ? ErrorCode.FencedLeaderEpoch
        : ErrorCode.UnknownLeaderEpoch;

    /// <summary>The leader epoch of a record; of the end, the current one.</summary>
    public int LeaderEpochOf(long offset) => _epochs.Of(offset);

    /// <summary>The greatest leader epoch not above the asked one, with the offset after its last record; (-1, -1) if it is not known.</summary>
    public (int Epoch, long EndOffset) EndOfLeaderEpoch(int epoch) => _epochs.EndOf(epoch, EndOffset);

    /// <summary>Wakes the fetch at every append until it is removed.</summary>
    public void AddWait(FetchWait wait)
    {
        lock (_lock)
        {
            _waiting.Add(wait);
        }
    }

    public void RemoveWait(FetchWait wait)
    {
        lock (_lock)
        {
            _waiting.Remove(wait);
        }
    }

    private static int IndexOf(Segment[] segments, long offset)
    {
        var low = 0;
        var high = segments.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (segments[middle].BaseOffset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return Math.Max(0, low - 1);
    }

    /// <summary>Copies what is known of the producers, for DescribeProducers.</summary>
    public (long Id, short Epoch, int LastSequence, long Timestamp)[] Producers()
    {
        lock (_lock)
        {
            return [.. _producers.All.Select(p => (p.Key, p.Value.Epoch, p.Value.LastSequence, p.Value.Timestamp))];
        }
    }

    [LoggerMessage(3, LogLevel.Warning, "{Folder}: built the indexes of segment {BaseOffset} anew, they did not match its log")]
    private static partial void LogIndexRebuilt(ILogger logger, string folder, long baseOffset);
}
