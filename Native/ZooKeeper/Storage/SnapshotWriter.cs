using System.Globalization;
using ZooKeeper.Files;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Storage;

/// <summary>
/// Writes a snapshot in ZooKeeper's format (version 2, with the digest of 3.6 and later) while the tree goes on changing: it is fuzzy,
/// and exact once the transactions after the one it is named by are replayed over it.
/// </summary>
internal sealed class SnapshotWriter(Disk disk, string folder) : IDisposable
{
    public const int Magic = 0x5a4b534e; // ZKSN

    /// <summary>So many nodes or bytes are taken at once before the others may go on.</summary>
    private const int MostNodes = 256;

    private const int MostBytes = 128 * 1024;

    private readonly JuteWriter _chunk = new(64 * 1024);
    private readonly Stack<(string Path, Node[] Nodes, int Next)> _left = new();
    private Adler32 _checksum = new();
    private long _position;

    public static string FileName(long zxid) => string.Create(CultureInfo.InvariantCulture, $"snapshot.{zxid:x}");

    /// <summary>Writes a snapshot and brings it to the disk.</summary>
    /// <param name="gate">The lock of the tree.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="sessions">The sessions and their time-outs, asked under the lock.</param>
    /// <param name="lastZxid">The last transaction that the tree has, asked under the lock.</param>
    /// <param name="untilDurable">
    /// Waits for a transaction to be on the disk: the snapshot may not be there before those that it has a part of.
    /// </param>
    /// <returns>The transaction that it is named by.</returns>
    public long Write(Lock gate, DataTree tree, Func<IReadOnlyCollection<(long Id, int TimeoutMs)>> sessions, Func<long> lastZxid, Action<long> untilDurable)
    {
        long zxid;
        lock (gate)
        {
            zxid = lastZxid();
            WriteHead(tree, sessions());
            _left.Push(("", [tree.Root], 0));
        }

        var written = Path.Combine(folder, $".{FileName(zxid)}.written");
        long lastSeen;
        using (var file = disk.Create(written))
        {
            bool isMore;
            do
            {
                WriteChunk(file);
                lock (gate)
                {
                    isMore = WriteNodes(tree);
                }
            }
            while (isMore);

            _chunk.String("/");
            Seal(file);
            lock (gate)
            {
                lastSeen = lastZxid();
                _chunk.Long(lastSeen);
                _chunk.Int(TreeDigest.Version);
                _chunk.Long(tree.Digest);
            }

            Seal(file);
            WriteChunk(file);
            file.Flush();
        }

        untilDurable(lastSeen);
        disk.Rename(written, Path.Combine(folder, FileName(zxid)));
        disk.FlushNames(folder);
        return zxid;
    }

    public void Dispose() => _chunk.Dispose();

    private void WriteHead(DataTree tree, IReadOnlyCollection<(long Id, int TimeoutMs)> sessions)
    {
        _chunk.Int(Magic);
        _chunk.Int(2);
        _chunk.Long(-1); // the id of the database
        _chunk.Int(sessions.Count);
        foreach (var (id, timeout) in sessions)
        {
            _chunk.Long(id);
            _chunk.Int(timeout);
        }

        _chunk.Int(tree.Access.All.Count);
        foreach (var entry in tree.Access.All)
        {
            _chunk.Long(entry.Number);
            entry.List.Write(_chunk);
        }
    }

    private bool WriteNodes(DataTree tree)
    {
        for (var count = 0; count < MostNodes && _chunk.Length < MostBytes; count++)
        {
            if (!_left.TryPop(out var siblings))
            {
                return false;
            }

            var node = siblings.Nodes[siblings.Next];
            if (siblings.Next + 1 < siblings.Nodes.Length)
            {
                _left.Push(siblings with { Next = siblings.Next + 1 });
            }

            if (node.Parent is null && node != tree.Root)
            {
                continue; // deleted meanwhile, and what was below it before
            }

            var path = node == tree.Root ? "" : $"{siblings.Path}/{node.Name}";
            WriteNode(path, node);
            if (node.Children is { } children)
            {
                _left.Push((path, [.. children.Values], 0));
            }
        }

        return true;
    }

    private void WriteNode(string path, Node node)
    {
        _chunk.String(path);
        _chunk.Buffer(node.Data);
        _chunk.Long(node.Access.Number);
        _chunk.Long(node.Czxid);
        _chunk.Long(node.Mzxid);
        _chunk.Long(node.Ctime);
        _chunk.Long(node.Mtime);
        _chunk.Int(node.Version);
        _chunk.Int(node.Creations);
        _chunk.Int(node.Aversion);
        _chunk.Long(node.EphemeralOwner);
        _chunk.Long(node.Pzxid);
    }

    /// <summary>The checksum of everything before it, and a mark.</summary>
    private void Seal(DiskFile file)
    {
        WriteChunk(file);
        _chunk.Long(_checksum.Value);
        _chunk.String("/");
    }

    private void WriteChunk(DiskFile file)
    {
        _checksum.Add(_chunk.Span);
        file.Write(_position, _chunk.Span);
        _position += _chunk.Length;
        _chunk.Clear(4 * MostBytes);
    }
}
