using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using ZooKeeper.Files;
using ZooKeeper.Protocol;
using ZooKeeper.Tree;

namespace ZooKeeper.Storage;

/// <summary>What was found in the data folder.</summary>
internal sealed record Recovered(DataTree Tree, Dictionary<long, int> Sessions, long LastZxid, long SnapshotZxid, bool HasSnapshot);

/// <summary>
/// The data folder, as Apache ZooKeeper lays it out: snapshots and logs in `version-2`. Beside them, `session-key` from which the
/// passwords of sessions are made, and `.lock`, which keeps a second server out.
/// </summary>
internal sealed partial class DataFolder : IDisposable
{
    private const int KeyLength = 32;

    private readonly Disk _disk;
    private readonly ILogger _log;
    private readonly FileStream _lock;

    /// <exception cref="ArgumentException">The folder can't be had; the message is the sentence to print.</exception>
    public DataFolder(string root, Disk disk, ILogger log)
    {
        (_disk, _log, Root) = (disk, log, root);
        Files = Path.Combine(root, "version-2");
        try
        {
            Directory.CreateDirectory(Files);
            _lock = new FileStream(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException(
                $"The data folder {root} can't be used ({e.Message}); stop the server that uses it, or give another folder with --data.");
        }

        foreach (var unfinished in Directory.GetFiles(Files, ".snapshot.*.written"))
        {
            File.Delete(unfinished);
        }
    }

    public string Root { get; }

    /// <summary>Where snapshots and logs are.</summary>
    public string Files { get; }

    /// <summary>A secret of this folder, made at the first start.</summary>
    public byte[] SessionKey()
    {
        var path = Path.Combine(Root, "session-key");
        if (File.Exists(path) && File.ReadAllBytes(path) is { Length: KeyLength } key)
        {
            return key;
        }

        key = RandomNumberGenerator.GetBytes(KeyLength);
        using (var file = _disk.Create(path + ".written"))
        {
            file.Write(0, key);
            file.Flush();
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path + ".written", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _disk.Rename(path + ".written", path);
        _disk.FlushNames(Root);
        return key;
    }

    /// <summary>The tree and the sessions as they were after the last transaction on the disk. A torn end of the log is cut.</summary>
    /// <exception cref="InvalidDataException">Something is broken or missing; the message is the sentence to print.</exception>
    public Recovered Recover()
    {
        var (tree, sessions, snapshotZxid, digest, hasSnapshot) = LoadSnapshot();
        var last = snapshotZxid;
        var logs = Logs();
        var first = Math.Max(0, logs.FindLastIndex(log => log.Zxid <= snapshotZxid));
        string? damage = null;
        for (var i = first; i < logs.Count; i++)
        {
            using var reader = new LogReader(logs[i].Path);
            var isLast = i == logs.Count - 1;
            if (!reader.ReadFileHeader())
            {
                EndLog(reader, isLast, last);
                continue;
            }

            while (reader.Read())
            {
                if (reader.Header.Zxid <= last)
                {
                    continue;
                }

                if (reader.Header.Zxid != last + 1 && reader.Header.Zxid >> 32 == last >> 32)
                {
                    throw new InvalidDataException(
                        $"The transactions 0x{last + 1:x} to 0x{reader.Header.Zxid - 1:x} are missing before {reader.FilePath}{damage}; "
                        + "restore the folder from a copy.");
                }

                last = reader.Header.Zxid;
                Replay(tree, sessions, reader);
                CheckDigest(tree, reader, ref digest);
            }

            damage = EndLog(reader, isLast, last) ? $" ({reader.FilePath} is broken at byte {reader.Position})" : damage;
        }

        return new(tree, sessions, last, snapshotZxid, hasSnapshot);
    }

    /// <summary>Deletes the oldest snapshots, and the logs that no other needs.</summary>
    public void Purge(int keptSnapshots)
    {
        var snapshots = Snapshots();
        if (snapshots.Count <= keptSnapshots)
        {
            return;
        }

        foreach (var (_, path) in snapshots[keptSnapshots..])
        {
            _disk.Delete(path);
        }

        var logs = Logs();
        var firstNeeded = logs.FindLastIndex(log => log.Zxid <= snapshots[keptSnapshots - 1].Zxid);
        foreach (var (_, path) in logs.Take(Math.Max(0, firstNeeded)))
        {
            _disk.Delete(path);
        }
    }

    public void Dispose() => _lock.Dispose();

    private (DataTree Tree, Dictionary<long, int> Sessions, long Zxid, (long Zxid, long Digest)? Digest, bool HasSnapshot) LoadSnapshot()
    {
        var snapshots = Snapshots();
        foreach (var (zxid, path) in snapshots)
        {
            try
            {
                var tree = new DataTree();
                using var reader = new SnapshotReader(path);
                var (sessions, digest) = reader.Load(tree);
                if (tree.Find(Paths.Config) is null)
                {
                    throw new MalformedException("it is older than 3.5");
                }

                tree.Quotas.Load();
                if (digest?.Zxid == zxid && digest.Value.Digest != tree.Digest)
                {
                    LogDigest(_log, zxid, path);
                }

                return (tree, sessions, zxid, digest?.Zxid > zxid ? digest : null, true);
            }
            catch (MalformedException e)
            {
                LogSnapshotSkipped(_log, path, e.Message);
            }
        }

        return snapshots.Count == 0
            ? (new DataTree(), [], 0, null, false)
            : throw new InvalidDataException($"None of the {snapshots.Count} snapshots in {Files} can be read; restore the folder from a copy.");
    }

    private static void Replay(DataTree tree, Dictionary<long, int> sessions, LogReader reader)
    {
        if (reader.Change is CreateSessionTransaction created)
        {
            sessions[reader.Header.SessionId] = created.TimeoutMs;
        }
        else if (reader.Change is CloseSessionTransaction)
        {
            sessions.Remove(reader.Header.SessionId);
        }

        tree.Apply(reader.Header, reader.Change);
    }

    /// <summary>A snapshot is exact only from the transaction on that its digest is of.</summary>
    private void CheckDigest(DataTree tree, LogReader reader, ref (long Zxid, long Digest)? fuzzyUntil)
    {
        var expected = fuzzyUntil is null ? reader.Digest : fuzzyUntil.Value.Zxid == reader.Header.Zxid ? fuzzyUntil.Value.Digest : null;
        if (fuzzyUntil is { } until && until.Zxid <= reader.Header.Zxid)
        {
            fuzzyUntil = null;
        }

        if (expected is not null && expected != tree.Digest)
        {
            LogDigest(_log, reader.Header.Zxid, reader.FilePath);
        }
    }

    /// <summary>Whether the file ends in something broken.</summary>
    private bool EndLog(LogReader reader, bool isLast, long last)
    {
        var end = reader.JudgeEnd();
        if (end == LogEnd.Whole || !isLast)
        {
            // If something is missing between this file and the next one, the numbers of the transactions tell.
            if (isLast && reader.Position == 0)
            {
                _disk.Delete(reader.FilePath); // made, and the power went
            }

            return end != LogEnd.Whole;
        }

        if (end == LogEnd.Damaged)
        {
            throw new InvalidDataException(
                $"{reader.FilePath} is broken at byte {reader.Position}, and whole transactions follow: what was acknowledged after 0x{last:x} would be lost. "
                + "Restore the folder from a copy.");
        }

        LogTorn(_log, reader.FilePath, reader.Position, reader.Length - reader.Position);
        if (reader.Position == 0)
        {
            _disk.Delete(reader.FilePath);
            return true;
        }

        using var file = _disk.Open(reader.FilePath);
        file.SetLength(reader.Position);
        file.Flush();
        return true;
    }

    /// <summary>The newest first.</summary>
    private List<(long Zxid, string Path)> Snapshots() => [.. Named("snapshot.").OrderByDescending(file => file.Zxid)];

    /// <summary>The oldest first.</summary>
    private List<(long Zxid, string Path)> Logs() => [.. Named("log.").OrderBy(file => file.Zxid)];

    private IEnumerable<(long Zxid, string Path)> Named(string prefix)
    {
        foreach (var path in Directory.GetFiles(Files, prefix + "*"))
        {
            if (long.TryParse(Path.GetFileName(path).AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var zxid))
            {
                yield return (zxid, path);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "The snapshot {Path} can't be read, {Reason}: the one before it is taken")]
    private static partial void LogSnapshotSkipped(ILogger logger, string path, string reason);

    [LoggerMessage(21, LogLevel.Warning, "{Path} was cut at byte {Position}: {Bytes} bytes of a last write that nobody was told of")]
    private static partial void LogTorn(ILogger logger, string path, long position, long bytes);

    [LoggerMessage(22, LogLevel.Error, "After transaction 0x{Zxid:x} of {Path} the tree is not the one of when it was written (its digest differs)")]
    private static partial void LogDigest(ILogger logger, long zxid, string path);
}
