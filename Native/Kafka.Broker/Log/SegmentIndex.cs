using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Log;

/// <summary>
/// One of Kafka's two sparse indexes of a segment, as a file of fixed entries in ascending order of their key. `.index`: offset
/// relative to the segment (int32) to file position (int32). `.timeindex`: timestamp (int64) to relative offset (int32).
/// Looked up by binary search in the file: the page cache holds it, the process does not have to.
/// </summary>
internal sealed class SegmentIndex : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly int _keySize;
    private int _count;

    private SegmentIndex(string path, int keySize)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _keySize = keySize;
        _count = (int)(RandomAccess.GetLength(_file) / EntrySize);

        // Kafka preallocates an index with zeros and cuts it at its close; a file of its own that it did not close is cut here.
        while (_count > 0 && Entry(_count - 1) is (0, 0))
        {
            _count--;
        }
    }

    public static SegmentIndex ByOffset(string path) => new(path, sizeof(int));

    public static SegmentIndex ByTime(string path) => new(path, sizeof(long));

    private int EntrySize => _keySize + sizeof(int);

    public (long Key, int Value)? Last => Volatile.Read(ref _count) is > 0 and int count ? Entry(count - 1) : null;

    /// <summary>Adds an entry if it is past the last one; an index never goes back.</summary>
    public void Append(long key, int value)
    {
        if (Last is { } last && (key <= last.Key || value < last.Value))
        {
            return;
        }

        Span<byte> entry = stackalloc byte[EntrySize];
        if (_keySize == sizeof(int))
        {
            BinaryPrimitives.WriteInt32BigEndian(entry, (int)key);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(entry, key);
        }

        BinaryPrimitives.WriteInt32BigEndian(entry[_keySize..], value);
        RandomAccess.Write(_file, entry, (long)_count * EntrySize);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The last entry whose key is not above the given one.</summary>
    public (long Key, int Value)? Floor(long key)
    {
        int low = 0;
        int high = Volatile.Read(ref _count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Entry(middle).Key <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : Entry(low - 1);
    }

    /// <summary>Drops the entries from the end for as long as the condition holds.</summary>
    public void TruncateWhile(Func<long, int, bool> condition)
    {
        while (_count > 0 && Entry(_count - 1) is var (key, value) && condition(key, value))
        {
            _count--;
        }

        RandomAccess.SetLength(_file, (long)_count * EntrySize);
    }

    public void Flush() => RandomAccess.FlushToDisk(_file);

    private (long Key, int Value) Entry(int number)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        RandomAccess.Read(_file, entry, (long)number * EntrySize);
        long key = _keySize == sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(entry) : BinaryPrimitives.ReadInt64BigEndian(entry);
        return (key, BinaryPrimitives.ReadInt32BigEndian(entry[_keySize..]));
    }

    public void Dispose() => _file.Dispose();
}
