using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using ZooKeeper.Files;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Storage;

/// <summary>How a log file ends.</summary>
internal enum LogEnd
{
    /// <summary>After a whole record, maybe with zeros behind it that were allocated in advance.</summary>
    Whole,

    /// <summary>In what a kill or a power cut left of the last write, which nobody was told of.</summary>
    Torn,

    /// <summary>In something broken, with whole records behind it.</summary>
    Damaged,
}

/// <summary>Reads a file of the transaction log, record by record.</summary>
internal sealed class LogReader : IDisposable
{
    private const int ChunkSize = 256 * 1024;
    private const int Sector = 512;

    /// <summary>Longer records than any setting allows are no records.</summary>
    private const int LongestRecord = 256 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = new byte[ChunkSize];
    private int _start;
    private int _end;

    public LogReader(string path)
    {
        FilePath = path;
        _file = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_file);
    }

    public string FilePath { get; }

    public long Length { get; }

    /// <summary>Where the whole records read so far end.</summary>
    public long Position { get; private set; }

    public TransactionHeader Header { get; private set; }

    public Transaction Change { get; private set; } = new ErrorTransaction(ErrorCode.Ok);

    /// <summary>The digest of the tree after the transaction; null if the log does not have it in this version.</summary>
    public long? Digest { get; private set; }

    /// <summary>False if the file was made and never written to.</summary>
    /// <exception cref="InvalidDataException">It is another file.</exception>
    public bool ReadFileHeader()
    {
        if (!Fill(TransactionLog.HeaderLength))
        {
            return false;
        }

        var header = _buffer.AsSpan(_start, TransactionLog.HeaderLength);
        if (!header.ContainsAnyExcept((byte)0))
        {
            return false;
        }

        if (BinaryPrimitives.ReadInt32BigEndian(header) != TransactionLog.Magic)
        {
            throw new InvalidDataException($"{FilePath} does not begin as a transaction log does; take it out of the folder, or restore it.");
        }

        _start += header.Length;
        Position += header.Length;
        return true;
    }

    /// <summary>False where no whole record follows, see <see cref="JudgeEnd"/>.</summary>
    /// <exception cref="InvalidDataException">The record is whole, and none that this server knows.</exception>
    public bool Read()
    {
        if (!Fill(sizeof(long) + sizeof(int)))
        {
            return false;
        }

        var checksum = BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(_start));
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + sizeof(long)));
        if (length is <= 0 or > LongestRecord || Position + length + TransactionLog.RecordOverhead > Length || !Fill(length + TransactionLog.RecordOverhead))
        {
            return false;
        }

        var record = _buffer.AsSpan(_start + sizeof(long) + sizeof(int), length);
        if (_buffer[_start + sizeof(long) + sizeof(int) + length] != TransactionLog.EndOfRecord || Adler32.Of(record) != checksum)
        {
            return false;
        }

        try
        {
            var reader = new JuteReader(record);
            Header = TransactionHeader.Read(ref reader);
            Change = Transaction.Read(Header.Type, ref reader);
            var hasDigest = reader.Remaining >= sizeof(int) + sizeof(long) && reader.Int() == TreeDigest.Version;
            Digest = hasDigest ? reader.Long() : null;
        }
        catch (MalformedException e)
        {
            throw new InvalidDataException($"{FilePath} has at byte {Position} {e.Message}; start the server that wrote it.");
        }

        _start += length + TransactionLog.RecordOverhead;
        Position += length + TransactionLog.RecordOverhead;
        return true;
    }

    /// <summary>
    /// Says what follows the last whole record. A write that a power cut interrupted may have reached the disk in part and out of order:
    /// then the sectors that are missing are zeros, and all of it is no longer than what is written before a flush. If whole records
    /// follow otherwise, something that was acknowledged is broken.
    /// </summary>
    public LogEnd JudgeEnd()
    {
        var rest = new byte[Math.Min(Length - Position, int.MaxValue / 2)];
        var count = RandomAccess.Read(_file, rest, Position);
        var used = rest.AsSpan(0, count).LastIndexOfAnyExcept((byte)0) + 1;
        if (used == 0)
        {
            return LogEnd.Whole;
        }

        var next = NextRecord(rest.AsSpan(0, used), out var last);
        return next < 0 || (last <= 2 * TransactionLog.MostUnflushed && HasMissingSector(rest.AsSpan(0, next))) ? LogEnd.Torn : LogEnd.Damaged;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The first whole record after a broken one, -1 if there is none, and where the last begins.</summary>
    private static int NextRecord(ReadOnlySpan<byte> bytes, out int last)
    {
        var first = last = -1;
        for (var at = 1; at + TransactionLog.RecordOverhead < bytes.Length; at++)
        {
            // A checksum has 32 bits of the 64.
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(at + sizeof(long))..]);
            var end = at + sizeof(long) + sizeof(int) + (long)length;
            if (length <= 0 || end >= bytes.Length || bytes[(int)end] != TransactionLog.EndOfRecord || BinaryPrimitives.ReadInt32BigEndian(bytes[at..]) != 0)
            {
                continue;
            }

            if (Adler32.Of(bytes.Slice(at + sizeof(long) + sizeof(int), length)) == BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]))
            {
                first = first < 0 ? at : first;
                last = at;
                at = (int)end;
            }
        }

        return first;
    }

    private bool HasMissingSector(ReadOnlySpan<byte> bytes)
    {
        var toBoundary = (int)((Sector - (Position % Sector)) % Sector);
        for (var at = toBoundary; at < bytes.Length; at += Sector)
        {
            // The last sector may be missing in part only: the next record begins in it.
            if (!bytes[at..Math.Min(at + Sector, bytes.Length)].ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }

    private bool Fill(int count)
    {
        while (_end - _start < count)
        {
            var held = _end - _start;
            if (_start > 0)
            {
                _buffer.AsSpan(_start, held).CopyTo(_buffer);
                (_start, _end) = (0, held);
            }

            if (_buffer.Length < count)
            {
                Array.Resize(ref _buffer, (int)Math.Min(Math.Max(count, _buffer.Length * 2L), Array.MaxLength));
            }

            var read = RandomAccess.Read(_file, _buffer.AsSpan(_end), Position + held);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }
}
