using System.Globalization;
using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

/// <summary>
/// One segment of a partition's log: `.log`, `.index` and `.timeindex`, named by the offset it starts at. One writer at a time (the
/// partition's lock); readers need no lock, since <see cref="Size"/> grows only after the bytes are written.
/// </summary>
internal sealed class Segment : IDisposable
{
    /// <summary>Kafka's log.index.interval.bytes: one index entry for so many bytes of log.</summary>
    private const int IndexInterval = 4096;

    private readonly LogFile _log;
    private readonly SegmentIndex _offsets;
    private readonly SegmentIndex _times;
    private long _size;
    private long _sinceIndexEntry;
    private long _maxTimestamp = -1;
    private long _maxTimestampOffset;

    public Segment(OpenFiles files, string folder, long baseOffset)
    {
        BaseOffset = baseOffset;
        var name = Path.Combine(folder, FileName(baseOffset));
        _log = new LogFile(files, name + ".log");
        _offsets = SegmentIndex.ByOffset(new LogFile(files, name + ".index"));
        _times = SegmentIndex.ByTime(new LogFile(files, name + ".timeindex"));
        _size = _log.Length;
        ReadMaxTimestamp();
    }

    public static string FileName(long offset) => offset.ToString("D20", CultureInfo.InvariantCulture);

    public long BaseOffset { get; }

    /// <summary>Bytes of whole batches; what readers may see.</summary>
    public long Size => Volatile.Read(ref _size);

    /// <summary>Milliseconds since 1970; -1 while nothing is known.</summary>
    public long MaxTimestamp => Volatile.Read(ref _maxTimestamp);

    /// <summary>The last offset of the batch that has the greatest timestamp.</summary>
    public long MaxTimestampOffset => Volatile.Read(ref _maxTimestampOffset);

    /// <summary>Timestamp of the first batch, from which segment.ms is counted; -1 in an empty segment.</summary>
    public long FirstTimestamp { get; private set; } = -1;

    public BatchScanner Scan(long position) => new(_log, position, Size);

    public FileSlice Slice(long position, int length) => new(_log.Use(), position, length);

    /// <summary>Writes batches whose offsets are set; the caller holds the partition's lock.</summary>
    public void Append(Span<byte> batches)
    {
        var start = _size;
        using var file = _log.Use();
        try
        {
            if (start == 0)
            {
                _offsets.Create();
                _times.Create();
            }

            RandomAccess.Write(file.Handle, batches, start);
            Index(batches, start);
        }
        catch
        {
            // What was written in part must not be taken for a batch after a later, shorter write.
            RandomAccess.SetLength(file.Handle, start);
            throw;
        }

        Volatile.Write(ref _size, start + batches.Length);
    }

    private void Index(Span<byte> batches, long start)
    {
        for (var at = 0; at < batches.Length;)
        {
            var batch = new RecordBatch(batches[at..]);
            IndexBatch(batch, start + at);
            at += (int)batch.Size;
        }
    }

    private void IndexBatch(RecordBatch batch, long position)
    {
        if (FirstTimestamp < 0)
        {
            FirstTimestamp = batch.MaxTimestamp;
        }

        if (batch.MaxTimestamp > _maxTimestamp)
        {
            Volatile.Write(ref _maxTimestampOffset, batch.LastOffset);
            Volatile.Write(ref _maxTimestamp, batch.MaxTimestamp);
        }

        if (_sinceIndexEntry > IndexInterval)
        {
            _offsets.Append(batch.LastOffset - BaseOffset, (int)position);
            IndexTime();
            _sinceIndexEntry = 0;
        }

        _sinceIndexEntry += batch.Size;
    }

    private void IndexTime()
    {
        if (_maxTimestamp >= 0)
        {
            _times.Append(_maxTimestamp, (int)(_maxTimestampOffset - BaseOffset));
        }
    }

    /// <summary>No more batches will come: the time index gets its last entry.</summary>
    public void Seal() => IndexTime();

    public void Flush()
    {
        if (_size == 0)
        {
            return;
        }

        using (var file = _log.Use())
        {
            RandomAccess.FlushToDisk(file.Handle);
        }

        _offsets.Flush();
        _times.Flush();
    }

    /// <summary>Where the batch starts that holds the offset, and its size; null if the segment ends before it.</summary>
    /// <exception cref="InvalidDataException">The index points to what is no batch, or one after the offset.</exception>
    public (long Position, int Size)? Find(long offset)
    {
        var from = FloorPosition(offset);
        using var batches = Scan(from);
        var isFirst = true;
        for (; batches.MoveNext(); isFirst = false)
        {
            if (isFirst && from > 0 && (batches.Current.BaseOffset > offset || batches.Current.BaseOffset < BaseOffset))
            {
                break;
            }

            if (batches.Current.LastOffset >= offset)
            {
                return (batches.Position, batches.Size);
            }
        }

        return isFirst && from > 0 ? throw new InvalidDataException("an index entry points to no batch") : null;
    }

    /// <summary>The first batch with a timestamp not below the given one starts at or after this position.</summary>
    public long FloorPositionByTime(long timestamp) =>
        _times.Floor(timestamp - 1) is var (_, relative) ? FloorPosition(BaseOffset + relative) : 0;

    private long FloorPosition(long offset) => _offsets.Floor(offset - BaseOffset)?.Value ?? 0;

    /// <summary>Whether the indexes are those of this log, as far as it can be told without reading all of it.</summary>
    public bool HasSoundIndexes()
    {
        if (_size == 0)
        {
            return true;
        }

        if (!_offsets.IsSound(_size - 1) || !_times.IsSound(int.MaxValue))
        {
            return false;
        }

        try
        {
            return (_offsets.Last is not var (relative, _) || Find(BaseOffset + relative) is not null)
                && (_times.Last is not var (timestamp, last) || HasBatch(BaseOffset + last, timestamp));
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private bool HasBatch(long offset, long maxTimestamp)
    {
        if (Find(offset) is not var (position, _))
        {
            return false;
        }

        using var batches = Scan(position);
        return batches.MoveNext() && batches.Current.MaxTimestamp == maxTimestamp;
    }

    /// <summary>Builds the indexes anew from the log; the caller holds the partition's lock.</summary>
    public void RebuildIndexes()
    {
        _offsets.Clear();
        _times.Clear();
        Reindex(BaseOffset, _size, check: false);
    }

    /// <summary>
    /// Reads what comes after an offset that is known to be on the disk, checks every batch, cuts the file at the first that is not
    /// whole, and builds the indexes anew from there, or from the start if they are not sound. Returns the offset after the last whole
    /// batch, and the bytes that were cut.
    /// </summary>
    public (long NextOffset, long BytesCut) Recover(long from, bool hasSoundIndexes)
    {
        var length = _log.Length;
        if (length == 0)
        {
            return (BaseOffset, 0);
        }

        if (!hasSoundIndexes)
        {
            _offsets.Clear();
            _times.Clear();
        }

        var (next, end) = Reindex(from, length, check: true);
        if (end < length)
        {
            using var file = _log.Use();
            RandomAccess.SetLength(file.Handle, end);
        }

        Volatile.Write(ref _size, end);
        ReadFirstTimestamp();
        return (next, length - end);
    }

    private (long NextOffset, long End) Reindex(long from, long length, bool check)
    {
        _offsets.TruncateWhile((relative, position) => BaseOffset + relative >= from || position >= length);
        _times.TruncateWhile((_, relative) => BaseOffset + relative >= from);
        ReadMaxTimestamp();
        _sinceIndexEntry = 0;
        var next = BaseOffset;
        using var batches = new BatchScanner(_log, _offsets.Last?.Value ?? 0, length);
        while (batches.MoveNext() && batches.Current.BaseOffset >= next && (!check || batches.Whole().IsIntact))
        {
            IndexBatch(batches.Current, batches.Position);
            next = batches.Current.LastOffset + 1;
        }

        return (next, batches.Position);
    }

    /// <summary>The offset after the last batch of a segment that was closed cleanly, read from its last index entry on.</summary>
    public long FindNextOffset()
    {
        var next = BaseOffset;
        if (_size == 0)
        {
            return next;
        }

        using var batches = Scan(_offsets.Last?.Value ?? 0);
        while (batches.MoveNext())
        {
            next = batches.Current.LastOffset + 1;
        }

        ReadFirstTimestamp();
        return next;
    }

    private void ReadMaxTimestamp() =>
        (_maxTimestamp, _maxTimestampOffset) = _times.Last is var (timestamp, relative) ? (timestamp, BaseOffset + relative) : (-1, BaseOffset);

    private void ReadFirstTimestamp()
    {
        if (_size > 0)
        {
            using var batches = Scan(0);
            FirstTimestamp = batches.MoveNext() ? batches.Current.MaxTimestamp : -1;
        }
    }

    public void Delete()
    {
        _log.Delete();
        _offsets.Delete();
        _times.Delete();
    }

    public void Dispose()
    {
        _log.Dispose();
        _offsets.Dispose();
        _times.Dispose();
    }
}
