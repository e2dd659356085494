using Kafka.Broker.Protocol;

namespace Kafka.Broker.Log;

/// <summary>What became of an append. The timestamp is -1 unless the log stamps its own.</summary>
internal readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long AppendTime, string? Message)
{
    public static AppendResult Refused(ErrorCode error, string message) => new(error, -1, -1, message);
}

/// <summary>What a fetch finds at an offset.</summary>
internal readonly record struct ReadResult(ErrorCode Error, FileSlice Slice);

/// <summary>
/// The log of one partition: segments in ascending order, the last of which is written to. Appends come one at a time, under the lock;
/// reads take none. Everything appended is committed at once, since there is no other replica: the high watermark is the end.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    /// <summary>One broker leads every partition from its first day: the leader epoch never changes.</summary>
    public const int LeaderEpoch = 0;

    private readonly Lock _lock = new();
    private readonly Lock _flush = new();
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ProducerStates _producers = new();
    private readonly HashSet<FetchWait> _waiting = [];
    private Segment[] _segments;
    private long _startOffset;
    private long _endOffset;
    private long _recoveryPoint;
    private long _snapshotOffset = -1;
    private bool _closed;

    public LogConfig Config { get; set; }

    public string Folder => _folder;

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
            foreach (Segment segment in Volatile.Read(ref _segments))
            {
                size += segment.Size;
            }

            return size;
        }
    }

    /// <summary>Appends the batches of one produce request; their base offsets and epochs are written into the given bytes.</summary>
    public AppendResult Append(Span<byte> batches, LogConfig config)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        if (config.LogAppendTime)
        {
            for (int at = 0; at < batches.Length; at += (int)new RecordBatch(batches[at..]).Size)
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
                (ErrorCode error, long? duplicateOf) = _producers.Check(first);
                if (error != ErrorCode.None)
                {
                    return AppendResult.Refused(error, $"Producer {first.ProducerId} with epoch {first.ProducerEpoch} sent sequence {first.BaseSequence} out of order.");
                }

                if (duplicateOf is { } offset)
                {
                    return new AppendResult(ErrorCode.None, offset, -1, null);
                }
            }

            long baseOffset = _endOffset;
            long next = baseOffset;
            for (int at = 0; at < batches.Length;)
            {
                var batch = new RecordBatch(batches[at..]) { BaseOffset = next, LeaderEpoch = LeaderEpoch };
                next = batch.LastOffset + 1;
                at += (int)batch.Size;
            }

            Segment active = RollIfDue(_segments[^1], batches.Length, next - 1, first.MaxTimestamp, config);
            active.Append(batches);
            for (int at = 0; at < batches.Length;)
            {
                var batch = new RecordBatch(batches[at..]);
                _producers.Add(batch);
                at += (int)batch.Size;
            }

            Volatile.Write(ref _endOffset, next);
            foreach (FetchWait wait in _waiting)
            {
                wait.Wake();
            }

            return new AppendResult(ErrorCode.None, baseOffset, config.LogAppendTime ? now : -1, null);
        }
    }

    private Segment RollIfDue(Segment active, int bytes, long lastOffset, long timestamp, LogConfig config)
    {
        bool due = active.Size > 0
            && (active.Size + bytes > config.SegmentBytes
                || lastOffset - active.BaseOffset > int.MaxValue
                || (active.FirstTimestamp >= 0 && timestamp - active.FirstTimestamp > config.SegmentMs));
        return due ? Roll(active) : active;
    }

    private Segment Roll(Segment active)
    {
        active.Seal();
        var next = new Segment(_folder, _endOffset);
        Volatile.Write(ref _segments, [.. _segments, next]);
        ThreadPool.QueueUserWorkItem(static log => log.TryFlush(), this, preferLocal: false);
        return next;
    }

    private void TryFlush()
    {
        try
        {
            Flush();
        }
        catch (IOException)
        {
            // The recovery point stays where it is; the next periodic flush tries again and logs what is wrong.
        }
    }

    /// <summary>
    /// The records from an offset on, at most so many bytes of one segment. The last batch may be cut, as Kafka cuts it; the first
    /// one is whole however large it is, if asked for, so that a consumer gets on.
    /// </summary>
    public ReadResult Read(long offset, int maxBytes, bool wholeFirstBatch)
    {
        long end = EndOffset;
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
            Segment[] segments = Volatile.Read(ref _segments);
            for (int i = IndexOf(segments, offset); i < segments.Length; i++)
            {
                if (segments[i].Find(offset) is not var (position, size))
                {
                    continue;
                }

                if (size > maxBytes && !wholeFirstBatch)
                {
                    return new ReadResult(ErrorCode.None, FileSlice.Empty);
                }

                long length = Math.Min(Math.Max(size, maxBytes), segments[i].Size - position);
                return new ReadResult(ErrorCode.None, segments[i].Slice(position, (int)length));
            }
        }
        catch (ObjectDisposedException)
        {
            // Retention deleted the segment in between.
        }

        return new ReadResult(ErrorCode.OffsetOutOfRange, FileSlice.Empty);
    }

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
        int low = 0;
        int high = segments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
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

    /// <summary>Makes everything before the offset unreadable (DeleteRecords); whole segments before it go at the next sweep.</summary>
    public bool DeleteBefore(long offset)
    {
        lock (_lock)
        {
            if (offset > _endOffset)
            {
                return false;
            }

            Volatile.Write(ref _startOffset, Math.Max(_startOffset, offset));
            return true;
        }
    }

    /// <summary>Deletes the segments that retention.ms, retention.bytes or a deletion of records leave no reason to keep.</summary>
    public void ApplyRetention()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            LogConfig config = Config;
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            long excess = config.RetentionBytes < 0 ? -1 : SizeInBytes - config.RetentionBytes;
            while (_segments[0].Size > 0)
            {
                Segment oldest = _segments[0];
                bool isOld = config.RetentionMs >= 0 && oldest.MaxTimestamp >= 0 && now - oldest.MaxTimestamp > config.RetentionMs;
                bool isTooMuch = excess >= oldest.Size;
                bool isDeleted = (_segments.Length > 1 ? _segments[1].BaseOffset : _endOffset) <= _startOffset;
                if (!isOld && !isTooMuch && !isDeleted)
                {
                    break;
                }

                if (_segments.Length == 1)
                {
                    Roll(oldest);
                }

                excess -= oldest.Size;
                Volatile.Write(ref _startOffset, Math.Max(_startOffset, _segments[1].BaseOffset));
                Volatile.Write(ref _segments, _segments[1..]);
                oldest.Delete();
            }
        }
    }

    public void ExpireProducers(long before)
    {
        lock (_lock)
        {
            _producers.Expire(before);
        }
    }

    /// <summary>Copies what is known of the producers, for DescribeProducers.</summary>
    public (long Id, short Epoch, int LastSequence, long Timestamp)[] Producers()
    {
        lock (_lock)
        {
            return [.. _producers.All.Select(p => (p.Key, p.Value.Epoch, p.Value.LastSequence, p.Value.Timestamp))];
        }
    }

    /// <summary>Brings what was appended so far to the disk, with the state of the producers at that point; appends go on meanwhile.</summary>
    public void Flush()
    {
        lock (_flush)
        {
            Segment[] dirty;
            long end;
            byte[]? snapshot;
            lock (_lock)
            {
                if (_closed || _endOffset == _recoveryPoint)
                {
                    return;
                }

                dirty = _segments[IndexOf(_segments, _recoveryPoint)..];
                end = _endOffset;
                snapshot = _producers.All.Count > 0 ? _producers.ToSnapshot() : null;
            }

            try
            {
                foreach (Segment segment in dirty)
                {
                    segment.Flush();
                }

                ReplaceSnapshot(end, snapshot);
                Volatile.Write(ref _recoveryPoint, end);
            }
            catch (Exception e) when (e is ObjectDisposedException or DirectoryNotFoundException)
            {
                // Deleted in between: nothing to keep.
            }
        }
    }

    private void ReplaceSnapshot(long offset, byte[]? snapshot)
    {
        if (snapshot is not null)
        {
            DurableFile.Write(SnapshotPath(offset), snapshot);
        }

        if (_snapshotOffset >= 0 && _snapshotOffset != offset)
        {
            File.Delete(SnapshotPath(_snapshotOffset));
        }

        _snapshotOffset = snapshot is null ? -1 : offset;
    }

    private string SnapshotPath(long offset) => Path.Combine(_folder, Segment.FileName(offset) + ".snapshot");

    /// <summary>No append succeeds from now on; waiting fetches look again.</summary>
    public void Close(bool flush)
    {
        if (flush)
        {
            lock (_lock)
            {
                _segments[^1].Seal();
            }

            Flush();
        }

        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            foreach (FetchWait wait in _waiting)
            {
                wait.Wake();
            }

            Dispose();
        }
    }

    public void Dispose()
    {
        foreach (Segment segment in _segments)
        {
            segment.Dispose();
        }
    }
}
