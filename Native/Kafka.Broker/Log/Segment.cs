using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Log;

/// <summary>
/// One segment of a partition's log: `.log`, `.index` and `.timeindex`, named by the offset it starts at. One writer at a time (the
/// partition's lock); readers need no lock, since <see cref="Size"/> grows only after the bytes are written.
/// </summary>
internal sealed class Segment : IDisposable
{
    /// <summary>Kafka's log.index.interval.bytes: one index entry for so many bytes of log.</summary>
    private const int IndexInterval = 4096;

    private readonly SafeFileHandle _log;
    private readonly SegmentIndex _offsets;
    private readonly SegmentIndex _times;
    private readonly string _path;
    private long _size;
    private long _sinceIndexEntry;
    private long _maxTimestamp = -1;
    private long _maxTimestampOffset;

    public Segment(string folder, long baseOffset)
    {
        BaseOffset = baseOffset;
        string name = Path.Combine(folder, FileName(baseOffset));
        _log = File.OpenHandle(name + ".log", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _offsets = SegmentIndex.ByOffset(name + ".index");
        _times = SegmentIndex.ByTime(name + ".timeindex");
        _size = RandomAccess.GetLength(_log);
        if (_times.Last is var (timestamp, relative))
        {
            (_maxTimestamp, _maxTimestampOffset) = (timestamp, baseOffset + relative);
        }

        _path = name;
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

    public FileSlice Slice(long position, int length) => new(_log, position, length);

    /// <summary>Writes batches whose offsets are set; the caller holds the partition's lock.</summary>
    public void Append(Span<byte> batches)
    {
        long start = _size;
        try
        {
            RandomAccess.Write(_log, batches, start);
            Index(batches, start);
        }
        catch
        {
            // What was written in part must not be taken for a batch after a later, shorter write.
            RandomAccess.SetLength(_log, start);
            throw;
        }

        Volatile.Write(ref _size, start + batches.Length);
    }

    private void Index(Span<byte> batches, long start)
    {
        for (int at = 0; at < batches.Length;)
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
        RandomAccess.FlushToDisk(_log);
        _offsets.Flush();
        _times.Flush();
    }

    /// <summary>Where the batch starts that holds the offset, and its size; null if the segment ends before it.</summary>
    public (long Position, int Size)? Find(long offset)
    {
        using BatchScanner batches = Scan(FloorPosition(offset));
        while (batches.MoveNext())
        {
            if (batches.Current.LastOffset >= offset)
            {
                return (batches.Position, batches.Size);
            }
        }

        return null;
    }

    /// <summary>The first batch with a timestamp not below the given one starts at or after this position.</summary>
    public long FloorPositionByTime(long timestamp) =>
        _times.Floor(timestamp - 1) is var (_, relative) ? FloorPosition(BaseOffset + relative) : 0;

    private long FloorPosition(long offset) => _offsets.Floor(offset - BaseOffset)?.Value ?? 0;

    /// <summary>
    /// Reads what comes after an offset that is known to be on the disk, checks every batch, cuts the file at the first that is not
    /// whole, and builds the indexes anew from there. Returns the offset after the last whole batch, and the bytes that were cut.
    /// </summary>
    public (long NextOffset, long BytesCut) Recover(long from)
    {
        long length = RandomAccess.GetLength(_log);
        _offsets.TruncateWhile((relative, position) => BaseOffset + relative >= from || position >= length);
        _times.TruncateWhile((_, relative) => BaseOffset + relative >= from);
        (_maxTimestamp, _maxTimestampOffset) = _times.Last is var (timestamp, last) ? (timestamp, BaseOffset + last) : (-1, BaseOffset);

        long next = BaseOffset;
        using var batches = new BatchScanner(_log, _offsets.Last?.Value ?? 0, length);
        while (batches.MoveNext() && batches.Current.BaseOffset >= next && batches.Whole().IsIntact)
        {
            IndexBatch(batches.Current, batches.Position);
            next = batches.Current.LastOffset + 1;
        }

        RandomAccess.SetLength(_log, batches.Position);
        Volatile.Write(ref _size, batches.Position);
        ReadFirstTimestamp();
        return (next, length - batches.Position);
    }

    /// <summary>The offset after the last batch of a segment that was closed cleanly, read from its last index entry on.</summary>
    public long FindNextOffset()
    {
        long next = BaseOffset;
        using BatchScanner batches = Scan(_offsets.Last?.Value ?? 0);
        while (batches.MoveNext())
        {
            next = batches.Current.LastOffset + 1;
        }

        ReadFirstTimestamp();
        return next;
    }

    private void ReadFirstTimestamp()
    {
        using BatchScanner batches = Scan(0);
        FirstTimestamp = batches.MoveNext() ? batches.Current.MaxTimestamp : -1;
    }

    public void Delete()
    {
        Dispose();
        foreach (string suffix in (ReadOnlySpan<string>)[".log", ".index", ".timeindex"])
        {
            File.Delete(_path + suffix);
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        _offsets.Dispose();
        _times.Dispose();
    }
}
