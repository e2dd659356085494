using global::ZooKeeper.Files;
using Microsoft.Win32.SafeHandles;

namespace Analytics.Tests.ZooKeeper;

/// <summary>
/// A disk that loses the power: of what was not flushed, each sector may have arrived or not, and so may each name. Writes go to real files
/// at once; <see cref="CutPower"/> makes these what they would be after the cut.
/// </summary>
internal sealed class ForgetfulDisk(string root, Random random) : Disk
{
    private const int Sector = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Contents> _files = [];
    private readonly List<(string Folder, Action Undo)> _names = [];
    private bool _isOff;

    public override DiskFile Create(string path)
    {
        lock (_lock)
        {
            CheckPower();
            var contents = _files[path] = new();
            _names.Add((Path.GetDirectoryName(path)!, () => File.Delete(path)));
            return new ForgetfulFile(this, contents, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite));
        }
    }

    public override DiskFile Open(string path)
    {
        lock (_lock)
        {
            CheckPower();
            var contents = _files[path] = new(File.ReadAllBytes(path));
            return new ForgetfulFile(this, contents, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
        }
    }

    public override void Rename(string from, string to)
    {
        lock (_lock)
        {
            CheckPower();
            base.Rename(from, to);
            if (_files.Remove(from, out var contents))
            {
                _files[to] = contents;
            }

            _names.Add((Path.GetDirectoryName(to)!, () => UndoRename(from, to)));
        }
    }

    public override void Delete(string path)
    {
        lock (_lock)
        {
            CheckPower();
            var bytes = File.ReadAllBytes(path);
            base.Delete(path);
            _files.Remove(path);
            _names.Add((Path.GetDirectoryName(path)!, () => File.WriteAllBytes(path, bytes)));
        }
    }

    public override void FlushNames(string folder)
    {
        lock (_lock)
        {
            CheckPower();
            _names.RemoveAll(name => name.Folder == folder);
        }
    }

    /// <summary>From now on nothing can be written. Call <see cref="LoseWhatWasNotFlushed"/> when the server is gone.</summary>
    public void CutPower()
    {
        lock (_lock)
        {
            _isOff = true;
        }
    }

    public void LoseWhatWasNotFlushed()
    {
        foreach (var (path, contents) in _files.Where(file => File.Exists(file.Key)))
        {
            File.WriteAllBytes(path, contents.AfterCut(random));
        }

        // The latest first, and none once one was kept: a folder's names reach the disk in their order.
        foreach (var (_, undo) in Enumerable.Reverse(_names).TakeWhile(_ => random.Next(2) == 0))
        {
            undo();
        }

        Assert.True(Directory.Exists(root));
    }

    private static void UndoRename(string from, string to)
    {
        if (File.Exists(to))
        {
            File.Move(to, from);
        }
    }

    private void CheckPower()
    {
        if (_isOff)
        {
            throw new IOException("the power is off");
        }
    }

    private sealed class ForgetfulFile(ForgetfulDisk disk, Contents contents, SafeFileHandle handle) : DiskFile(handle)
    {
        public override void Write(long position, ReadOnlySpan<byte> bytes)
        {
            lock (disk._lock)
            {
                disk.CheckPower();
                contents.Pending.Add((position, bytes.ToArray()));
                base.Write(position, bytes);
            }
        }

        public override void SetLength(long length)
        {
            lock (disk._lock)
            {
                disk.CheckPower();
                contents.Pending.Add((length, null));
                base.SetLength(length);
            }
        }

        public override void Flush()
        {
            lock (disk._lock)
            {
                disk.CheckPower();
                contents.Flush();
            }
        }
    }

    private sealed class Contents(byte[]? durable = null)
    {
        private byte[] _durable = durable ?? [];

        /// <summary>Writes at a position, and new lengths, which have no bytes.</summary>
        public List<(long At, byte[]? Bytes)> Pending { get; } = [];

        public void Flush()
        {
            foreach (var (at, bytes) in Pending)
            {
                Apply(at, bytes);
            }

            Pending.Clear();
        }

        public byte[] AfterCut(Random random)
        {
            foreach (var (at, bytes) in Pending)
            {
                if (bytes is null)
                {
                    if (random.Next(2) == 0)
                    {
                        Apply(at, null);
                    }

                    continue;
                }

                for (var start = 0; start < bytes.Length;)
                {
                    var end = Math.Min(bytes.Length, start + (int)(Sector - ((at + start) % Sector)));
                    if (random.Next(2) == 0)
                    {
                        Apply(at + start, bytes[start..end]);
                    }

                    start = end;
                }
            }

            return _durable;
        }

        private void Apply(long at, byte[]? bytes)
        {
            if (bytes is null)
            {
                Array.Resize(ref _durable, (int)at);
                return;
            }

            if (_durable.Length < at + bytes.Length)
            {
                Array.Resize(ref _durable, (int)at + bytes.Length);
            }

            bytes.CopyTo(_durable, at);
        }
    }
}
