using System.Buffers.Binary;
using System.Text;
using Kafka.Broker.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Groups;

/// <summary>
/// What consumer groups must remember over a kill: one file of entries, each length (int32), CRC-32C (uint32) and content, appended in
/// one write, and rewritten with only what is current when it has grown to several times that. A file of its own, where Kafka has the
/// topic `__consumer_offsets`: without log compaction that topic would grow for ever, and this is a tenth of the code.
/// </summary>
internal sealed partial class GroupJournal : IDisposable
{
    private const int EntryHeader = 8;
    private const long WorthRewriting = 4 * 1024 * 1024;

    private readonly string _path;
    private SafeFileHandle _file;
    private long _size;
    private long _rewriteAt = WorthRewriting;

    /// <summary>
    /// Opens the journal and hands over every entry that is whole. Bytes that are none are skipped up to the next entry, and said; the
    /// damaged file is kept beside the journal. A torn tail is cut.
    /// </summary>
    public GroupJournal(string path, Action<BinaryReader> replay, ILogger log)
    {
        _path = path;
        var content = File.Exists(path) ? File.ReadAllBytes(path) : [];
        for (var at = 0; at < content.Length;)
        {
            if (EntryAt(content, at) is { } length)
            {
                using var reader = new BinaryReader(new MemoryStream(content, at + EntryHeader, length), Encoding.UTF8);
                replay(reader);
                at += EntryHeader + length;
                _size = at;
                continue;
            }

            var damaged = at;
            while (at < content.Length && EntryAt(content, at) is null)
            {
                at++;
            }

            LogDamaged(log, path, at - damaged, damaged, at < content.Length ? "what follows is kept" : "nothing follows");
            IsDamaged |= at < content.Length;
        }

        if (_size < content.Length || IsDamaged)
        {
            File.Copy(path, path + ".damaged", overwrite: true);
        }

        _file = Open(path);
        RandomAccess.SetLength(_file, _size);
        Folder.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Whether bytes in the middle had to be skipped when it was opened; it is to be rewritten then.</summary>
    public bool IsDamaged { get; }

    /// <summary>The length of the entry that starts at a place; null if none does. The CRC tells, wherever the damage is.</summary>
    private static int? EntryAt(byte[] content, int at)
    {
        var entry = content.AsSpan(at);
        if (entry.Length <= EntryHeader)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(entry);
        return length > 0 && length <= entry.Length - EntryHeader
            && Crc32C.Of(entry.Slice(EntryHeader, length)) == BinaryPrimitives.ReadUInt32BigEndian(entry[4..]) ? length : null;
    }

    public bool IsWorthRewriting => _size > _rewriteAt;

    public void Append(Action<BinaryWriter> write)
    {
        var entry = Encode(write);
        try
        {
            RandomAccess.Write(_file, entry, _size);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, _size); // a part of an entry is none
            throw;
        }

        _size += entry.Length;
    }

    /// <summary>Replaces all entries by the given ones.</summary>
    public void Rewrite(IEnumerable<Action<BinaryWriter>> entries)
    {
        using var current = new MemoryStream();
        foreach (var write in entries)
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

        var bytes = entry.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - EntryHeader);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Crc32C.Of(bytes.AsSpan(EntryHeader)));
        return bytes;
    }

    [LoggerMessage(40, LogLevel.Error, "{Path}: {Bytes} bytes at {Position} are no entry and were skipped, {Rest}; the offsets committed there are lost")]
    private static partial void LogDamaged(ILogger logger, string path, long bytes, long position, string rest);
}
