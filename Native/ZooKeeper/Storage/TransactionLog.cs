using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ZooKeeper.Files;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Storage;

/// <summary>
/// ZooKeeper's transaction log, version 2: files `log.ZXID` in the data folder, of records with an Adler-32 each. One thread writes what
/// has come in since its last flush and flushes once for all of it: clients that write at the same time share the wait for the disk.
/// </summary>
internal sealed class TransactionLog : IDisposable
{
    public const int Magic = 0x5a4b4c47; // ZKLG
    public const int HeaderLength = 16;
    public const int RecordOverhead = sizeof(long) + sizeof(int) + 1;
    public const byte EndOfRecord = (byte)'B';

    /// <summary>No more than this, or one record, is written before it is flushed: a power cut can tear no more than that.</summary>
    public const int MostUnflushed = 1024 * 1024;

    private readonly Disk _disk;
    private readonly string _folder;
    private readonly long _preallocation;
    private readonly Action<long> _onDurable;
    private readonly Action<TimeSpan, int> _onFlushed;
    private readonly Action<Exception> _onFailed;
    private readonly Thread _thread;
    private readonly object _mutex = new();
    private JuteWriter _pending = new(64 * 1024);
    private JuteWriter _writing = new(64 * 1024);
    private long _pendingZxid;
    private int _pendingCount;
    private long _durableZxid;
    private bool _isRollAsked;
    private bool _isStopping;
    private DiskFile? _file;
    private long _position;
    private long _allocated;

    /// <param name="disk">Where to.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="preallocation">By how many bytes a file grows at once, so that a flush need not bring its new length to the disk.</param>
    /// <param name="lastZxid">The last transaction that is on the disk.</param>
    /// <param name="onDurable">Called when everything up to a zxid is on the disk.</param>
    /// <param name="onFlushed">Told how long a flush took, and for how many transactions it was.</param>
    /// <param name="onFailed">The disk did not take it; nothing more is written.</param>
    public TransactionLog(
        Disk disk, string folder, long preallocation, long lastZxid, Action<long> onDurable, Action<TimeSpan, int> onFlushed, Action<Exception> onFailed)
    {
        (_disk, _folder, _preallocation, _durableZxid) = (disk, folder, preallocation, lastZxid);
        (_onDurable, _onFlushed, _onFailed) = (onDurable, onFlushed, onFailed);
        _thread = new Thread(Run) { IsBackground = true, Name = "transaction log" };
    }

    /// <summary>The last transaction that is on the disk.</summary>
    public long DurableZxid => Volatile.Read(ref _durableZxid);

    public static string FileName(long zxid) => string.Create(CultureInfo.InvariantCulture, $"log.{zxid:x}");

    public void Start() => _thread.Start();

    /// <summary>Takes a transaction; it is on the disk when onDurable says so. Called in the order of zxids.</summary>
    /// <returns>Its bytes.</returns>
    public int Append(in TransactionHeader header, Transaction change, long digest)
    {
        lock (_mutex)
        {
            var start = _pending.Length;
            _pending.Long(0);
            _pending.Int(0);
            header.Write(_pending);
            change.Write(_pending);
            _pending.Int(TreeDigest.Version);
            _pending.Long(digest);
            var record = _pending.Span[(start + sizeof(long) + sizeof(int))..];
            _pending.PatchLong(start, Adler32.Of(record));
            _pending.PatchInt(start + sizeof(long), record.Length);
            _pending.Byte(EndOfRecord);
            _pendingZxid = header.Zxid;
            _pendingCount++;
            Monitor.Pulse(_mutex);
            return _pending.Length - start;
        }
    }

    /// <summary>What comes next goes to a new file.</summary>
    public void Roll()
    {
        lock (_mutex)
        {
            _isRollAsked = true;
        }
    }

    /// <summary>Writes what is left, and ends the file where its last record ends.</summary>
    public void Dispose()
    {
        lock (_mutex)
        {
            _isStopping = true;
            Monitor.Pulse(_mutex);
        }

        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _pending.Dispose();
        _writing.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Take(out var zxid, out var count, out var isRollAsked))
            {
                if (isRollAsked)
                {
                    EndFile();
                }

                Write(count);
                Volatile.Write(ref _durableZxid, zxid);
                _onDurable(zxid);
            }

            EndFile();
        }
        catch (Exception e)
        {
            _file?.Dispose();
            _onFailed(e);
        }
    }

    private bool Take(out long zxid, out int count, out bool isRollAsked)
    {
        lock (_mutex)
        {
            while (_pending.Length == 0 && !_isStopping)
            {
                Monitor.Wait(_mutex);
            }

            _writing.Clear(MostUnflushed);
            (_pending, _writing) = (_writing, _pending);
            (zxid, count, isRollAsked) = (_pendingZxid, _pendingCount, _isRollAsked);
            (_pendingCount, _isRollAsked) = (0, isRollAsked && _writing.Length == 0);
            return _writing.Length > 0;
        }
    }

    private void Write(int count)
    {
        for (var rest = _writing.Span; rest.Length > 0;)
        {
            var part = FirstRecords(rest);
            rest = rest[part.Length..];
            var file = _file ?? BeginFile(ZxidOf(part));
            if (_position + part.Length > _allocated)
            {
                _allocated = _position + part.Length + _preallocation;
                file.SetLength(_allocated);
            }

            file.Write(_position, part);
            _position += part.Length;
            var started = Stopwatch.GetTimestamp();
            file.Flush();
            _onFlushed(Stopwatch.GetElapsedTime(started), count);
            count = 0;
        }
    }

    private static ReadOnlySpan<byte> FirstRecords(ReadOnlySpan<byte> records)
    {
        var length = 0;
        while (length < records.Length)
        {
            var next = length + BinaryPrimitives.ReadInt32BigEndian(records[(length + sizeof(long))..]) + RecordOverhead;
            if (length > 0 && next > MostUnflushed)
            {
                break;
            }

            length = next;
        }

        return records[..length];
    }

    /// <summary>In the header it comes after checksum, length, session and cxid.</summary>
    private static long ZxidOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64BigEndian(record[24..]);

    private DiskFile BeginFile(long zxid)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], 2);
        header[8..].Clear(); // the id of the database, which is 0
        _file = _disk.Create(Path.Combine(_folder, FileName(zxid)));
        _file.Write(0, header);
        _position = _allocated = HeaderLength;
        _file.Flush();
        _disk.FlushNames(_folder);
        return _file;
    }

    private void EndFile()
    {
        if (_file is null)
        {
            return;
        }

        _file.SetLength(_position);
        _file.Flush();
        _file.Dispose();
        _file = null;
    }
}
