using System.Buffers.Binary;
using Kafka.Broker.Files;
using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Log;

/// <summary>
/// One of Kafka's two sparse indexes of a segment, as a file of fixed entries in ascending order of their key. `.index`: offset
/// relative to the segment (int32) to file position (int32). `.timeindex`: timestamp (int64) to relative offset (int32).
/// Looked up by binary search in the file: the page cache holds it, the process does not have to.
/// </summary>
internal sealed class SegmentIndex : IDisposable
{
    private readonly LogFile _file;
    private readonly int _keySize;
    private int _count;

    private SegmentIndex(LogFile file, int keySize)
    {
        (_file, _keySize) = (file, keySize);
        _count = (int)(file.Length / EntrySize);
        if (_count == 0)
        {
            return;
        }

        // Kafka preallocates an index with zeros and cuts it at its close; a file of its own that it did not close is cut here.
        using var opened = file.Use();
        while (_count > 0 && Entry(opened.Handle, _count - 1) is (0, 0))
        {
            _count--;
        }
    }

    public static SegmentIndex ByOffset(LogFile file) => new(file, sizeof(int));

    public static SegmentIndex ByTime(LogFile file) => new(file, sizeof(long));

    private int EntrySize => _keySize + sizeof(int);

    public (long Key, int Value)? Last
    {
        get
        {
            if (Volatile.Read(ref _count) is not (> 0 and var count))
            {
                return null;
            }

            using var file = _file.Use();
            return Entry(file.Handle, count - 1);
        }
    }

    /// <summary>
    /// Whether it can be the index of a segment with records: there, whole entries, their keys ascending, their values neither
    /// descending nor above the greatest.
    /// </summary>
    public bool IsSound(long maxValue)
    {
        if (!File.Exists(_file.Path) || _file.Length % EntrySize != 0)
        {
            return false;
        }

        if (_count == 0)
        {
            return true;
        }

        const int EntriesAtOnce = 4096;
        using var file = _file.Use();
        var entries = new byte[EntriesAtOnce * EntrySize];
        var (lastKey, lastValue) = (-1L, 0);
        for (var at = 0; at < _count; at += EntriesAtOnce)
        {
            var count = Math.Min(EntriesAtOnce, _count - at);
            RandomAccess.Read(file.Handle, entries.AsSpan(0, count * EntrySize), (long)at * EntrySize);
            for (var i = 0; i < count; i++)
            {
                var (key, value) = Decode(entries.AsSpan(i * EntrySize));
                if (key <= lastKey || value < lastValue || value > maxValue)
                {
                    return false;
                }

                (lastKey, lastValue) = (key, value);
            }
        }

        return true;
    }

    /// <summary>Adds an entry if it is past the last one; an index never goes back.</summary>
    public void Append(long key, int value)
    {
        using var file = _file.Use();
        if (_count > 0 && Entry(file.Handle, _count - 1) is var last && (key <= last.Key || value < last.Value))
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
        RandomAccess.Write(file.Handle, entry, (long)_count * EntrySize);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The last entry whose key is not above the given one.</summary>
    public (long Key, int Value)? Floor(long key)
    {
        var (low, high) = (0, Volatile.Read(ref _count));
        if (high == 0)
        {
            return null;
        }

        using var file = _file.Use();
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Entry(file.Handle, middle).Key <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? null : Entry(file.Handle, low - 1);
    }

    /// <summary>Drops the entries from the end for as long as the condition holds.</summary>
    public void TruncateWhile(Func<long, int, bool> condition)
    {
        using var file = _file.Use();
        while (_count > 0 && Entry(file.Handle, _count - 1) is var (key, value) && condition(key, value))
        {
            Volatile.Write(ref _count, _count - 1);
        }

        RandomAccess.SetLength(file.Handle, (long)_count * EntrySize);
    }

    public void Clear() => TruncateWhile((_, _) => true);

    /// <summary>Makes the file where there is none yet.</summary>
    public void Create()
    {
        using var file = _file.Use();
    }

    public void Flush()
    {
        using var file = _file.Use();
        RandomAccess.FlushToDisk(file.Handle);
    }

    private (long Key, int Value) Entry(SafeFileHandle file, int number)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        RandomAccess.Read(file, entry, (long)number * EntrySize);
        return Decode(entry);
    }

    private (long Key, int Value) Decode(ReadOnlySpan<byte> entry) =>
        (_keySize == sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(entry) : BinaryPrimitives.ReadInt64BigEndian(entry),
            BinaryPrimitives.ReadInt32BigEndian(entry[_keySize..]));

    public void Delete() => _file.Delete();

    public void Dispose() => _file.Dispose();
}
