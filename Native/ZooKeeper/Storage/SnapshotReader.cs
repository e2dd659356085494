using System.Buffers.Binary;
using System.Text;
using ZooKeeper.Files;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Storage;

/// <summary>Reads a snapshot of ZooKeeper, see <see cref="SnapshotWriter"/>, into a tree.</summary>
internal sealed class SnapshotReader : IDisposable
{
    private const int LongestItem = 256 * 1024 * 1024;

    private readonly FileStream _file;
    private Adler32 _checksum = new();
    private byte[] _buffer = new byte[4096];

    public SnapshotReader(string path) => _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 128 * 1024);

    /// <summary>Fills an empty tree.</summary>
    /// <returns>The sessions with their time-outs in milliseconds, and the digest of the tree after a later transaction, if there is one.</returns>
    /// <exception cref="MalformedException">It is no snapshot, or a broken one.</exception>
    public (Dictionary<long, int> Sessions, (long Zxid, long Digest)? Digest) Load(DataTree tree)
    {
        if (Int() != SnapshotWriter.Magic || Int() != 2)
        {
            throw new MalformedException("it does not begin as a snapshot does");
        }

        Long(); // the id of the database
        var sessions = new Dictionary<long, int>();
        for (var left = Count(); left > 0; left--)
        {
            sessions[Long()] = Int();
        }

        LoadNodes(tree);
        CheckSeal();
        if (_file.Position == _file.Length)
        {
            return (sessions, null);
        }

        var (zxid, version, digest) = (Long(), Int(), Long());
        CheckSeal();
        return (sessions, zxid > 0 && version == TreeDigest.Version ? (zxid, digest) : null);
    }

    public void Dispose() => _file.Dispose();

    private void LoadNodes(DataTree tree)
    {
        var access = new Dictionary<long, AccessTable.Entry> { [AccessTable.Open.Number] = AccessTable.Open };
        for (var left = Count(); left > 0; left--)
        {
            var number = Long();
            var entries = new AccessEntry[Math.Max(0, Int())];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = new(Int(), new(Text(), Text()));
            }

            access[number] = tree.Access.Load(number, new(entries));
        }

        tree.Clear();
        for (var path = Text(); path != "/"; path = Text())
        {
            var data = Buffer();
            var number = Long();
            if (!access.TryGetValue(number, out var entry))
            {
                // Made after the lists were written: the log has who set it, and sets it again. Until then nobody may.
                access[number] = entry = tree.Access.Load(number, new([new(0, new("missing", $"{number}"))]));
            }

            entry.Uses += entry == AccessTable.Open ? 0 : 1;
            tree.Load(path, new(path.Length == 0 ? "" : Paths.NameOf(path), data, entry)
            {
                Czxid = Long(),
                Mzxid = Long(),
                Ctime = Long(),
                Mtime = Long(),
                Version = Int(),
                Creations = Int(),
                Aversion = Int(),
                EphemeralOwner = Long(),
                Pzxid = Long(),
            });
        }

        tree.Access.DropUnused();
    }

    private void CheckSeal()
    {
        var checksum = _checksum.Value;
        if (Long() != checksum || Text() != "/")
        {
            throw new MalformedException("its checksum is wrong");
        }
    }

    private int Count() => Int() is var count && count >= 0 ? count : throw new MalformedException($"it claims {count} entries");

    private int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    private long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    private string Text() => Encoding.UTF8.GetString(Take(Int() is var length && length >= 0 ? length : throw new MalformedException("a string is missing")));

    private byte[]? Buffer() => Int() switch
    {
        -1 => null,
        0 => [],
        var length => Take(length).ToArray(),
    };

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count is < 0 or > LongestItem || count > _file.Length - _file.Position)
        {
            throw new MalformedException("it ends early");
        }

        if (_buffer.Length < count)
        {
            _buffer = new byte[count];
        }

        var bytes = _buffer.AsSpan(0, count);
        _file.ReadExactly(bytes);
        _checksum.Add(bytes);
        return bytes;
    }
}
