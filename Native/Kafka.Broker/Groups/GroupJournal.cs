using System.Buffers.Binary;
using System.Text;
using Kafka.Broker.Log;
using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Groups;

/// <summary>
/// What consumer groups must remember over a kill: one file of entries, each length (int32), CRC-32C (uint32) and content, appended in
/// one write, and rewritten with only what is current when it has grown to several times that. A file of its own, where Kafka has the
/// topic `__consumer_offsets`: without log compaction that topic would grow for ever, and this is a tenth of the code.
/// </summary>
internal sealed class GroupJournal : IDisposable
{
    private const int EntryHeader = 8;
    private const long WorthRewriting = 4 * 1024 * 1024;

    private readonly string _path;
    private SafeFileHandle _file;
    private long _size;
    private long _rewriteAt = WorthRewriting;

    /// <summary>Opens the journal and hands over every whole entry; a torn tail is cut.</summary>
    public GroupJournal(string path, Action<BinaryReader> replay)
    {
        _path = path;
        byte[] content = File.Exists(path) ? File.ReadAllBytes(path) : [];
        while (content.Length - _size >= EntryHeader)
        {
            ReadOnlySpan<byte> entry = content.AsSpan((int)_size);
            int length = BinaryPrimitives.ReadInt32BigEndian(entry);
            if (length < 0 || length > entry.Length - EntryHeader
                || RecordBatch.Crc32C(entry.Slice(EntryHeader, length)) != BinaryPrimitives.ReadUInt32BigEndian(entry[4..]))
            {
                break;
            }

            using var reader = new BinaryReader(new MemoryStream(content, (int)_size + EntryHeader, length), Encoding.UTF8);
            replay(reader);
            _size += EntryHeader + length;
        }

        _file = Open(path);
        RandomAccess.SetLength(_file, _size);
    }

    public bool IsWorthRewriting => _size > _rewriteAt;

    public void Append(Action<BinaryWriter> write)
    {
        byte[] entry = Encode(write);
        RandomAccess.Write(_file, entry, _size);
        _size += entry.Length;
    }

    /// <summary>Replaces all entries by the given ones.</summary>
    public void Rewrite(IEnumerable<Action<BinaryWriter>> entries)
    {
        using var current = new MemoryStream();
        foreach (Action<BinaryWriter> write in entries)
        {
            current.Write(Encode(write));
        }

        DurableFile.Write(_path, current.GetBuffer().AsSpan(0, (int)current.Length));
        _file.Dispose();
        _file = Open(_path);
        _size = current.Length;
        _rewriteAt = Math.Max(WorthRewriting, _size * 4);
    }

    public void Flush() => RandomAccess.FlushToDisk(_file);

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private static byte[] Encode(Action<BinaryWriter> write)
    {
        using var entry = new MemoryStream();
        entry.SetLength(EntryHeader);
        entry.Position = EntryHeader;
        using (var writer = new BinaryWriter(entry, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }

        byte[] bytes = entry.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - EntryHeader);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), RecordBatch.Crc32C(bytes.AsSpan(EntryHeader)));
        return bytes;
    }
}
