using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooKeeper.Files;

/// <summary>
/// What the server asks of the disk. What was written is sure to survive a power cut once <see cref="DiskFile.Flush"/> returned, and a
/// file's name once <see cref="FlushNames"/> of its folder did. The tests have a disk of their own that forgets everything else.
/// </summary>
internal partial class Disk
{
    private const int ReadOnly = 0; // O_RDONLY

    public virtual DiskFile Create(string path) => new(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read));

    public virtual DiskFile Open(string path) => new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Brings the names of a folder's files to the disk.</summary>
    /// <exception cref="IOException">The system could not.</exception>
    public virtual void FlushNames(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS keeps names in its own journal
        }

        var descriptor = OpenDescriptor(folder, ReadOnly);
        var isFlushed = descriptor >= 0 && Fsync(descriptor) == 0;
        var reason = isFlushed ? null : new Win32Exception(Marshal.GetLastPInvokeError()).Message;
        if (descriptor >= 0)
        {
            _ = CloseDescriptor(descriptor);
        }

        if (reason is not null)
        {
            throw new IOException($"The folder {folder} can't be brought to the disk: {reason}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);
}

/// <summary>An open file of the <see cref="Disk"/>.</summary>
internal partial class DiskFile(SafeFileHandle handle) : IDisposable
{
    public virtual long Length => RandomAccess.GetLength(handle);

    public virtual void Write(long position, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, position);

    public virtual void SetLength(long length) => RandomAccess.SetLength(handle, length);

    /// <summary>Returns when everything that was written is on the disk.</summary>
    /// <exception cref="IOException">The system could not; what was written since the last time may be lost.</exception>
    public virtual void Flush()
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        // Without the times of the file, which would cost a write of their own.
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            if (Fdatasync((int)handle.DangerousGetHandle()) != 0)
            {
                throw new IOException($"The disk did not take what was written: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    public virtual void Dispose()
    {
        handle.Dispose();
        GC.SuppressFinalize(this);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Fdatasync(int descriptor);
}
