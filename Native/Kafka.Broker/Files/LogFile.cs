using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Files;

/// <summary>A file that is open only while it is used or was used lately, see <see cref="OpenFiles"/>. Made by its first use.</summary>
internal sealed class LogFile(OpenFiles files, string path) : IDisposable
{
    private SafeFileHandle? _handle;
    private bool _wasUsed;
    private bool _isGone;

    public string Path => path;

    /// <summary>Of the file on the disk; 0 where there is none yet.</summary>
    public long Length => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>The open file, which stays open until the use is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It was deleted.</exception>
    public OpenFile Use() => TryUse() ?? files.Open(this);

    /// <summary>Null if it is not open.</summary>
    public OpenFile? TryUse()
    {
        if (Volatile.Read(ref _handle) is not { } handle)
        {
            return null;
        }

        try
        {
            var file = new OpenFile(handle);
            Volatile.Write(ref _wasUsed, true);
            return file;
        }
        catch (ObjectDisposedException)
        {
            return null; // closed in between
        }
    }

    /// <summary>Only for <see cref="OpenFiles"/>, under its lock, as the next two.</summary>
    public OpenFile OpenHandle()
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Volatile.Write(ref _handle, handle);
        return new OpenFile(handle);
    }

    public bool CloseHandle()
    {
        var handle = _handle;
        Volatile.Write(ref _handle, null);
        handle?.Dispose();
        return handle is not null;
    }

    public bool WasUsed()
    {
        var wasUsed = Volatile.Read(ref _wasUsed);
        Volatile.Write(ref _wasUsed, false);
        return wasUsed;
    }

    /// <summary>No use after this one succeeds; those that are under way go on.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    public void Dispose()
    {
        _isGone = true;
        files.Close(this);
    }
}

/// <summary>One use of an open file: it is not closed before this is disposed of.</summary>
internal readonly struct OpenFile : IDisposable
{
    public OpenFile(SafeFileHandle handle)
    {
        var isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        Handle = handle;
    }

    public SafeFileHandle Handle { get; }

    public void Dispose() => Handle?.DangerousRelease();
}
