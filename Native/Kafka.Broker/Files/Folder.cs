using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kafka.Broker.Files;

/// <summary>Folders on the disk: a new or renamed file is only sure to be found after a power cut once its folder was brought to the disk too.</summary>
internal static partial class Folder
{
    private const int ReadOnly = 0; // O_RDONLY

    /// <exception cref="IOException">The system could not.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS keeps names in its own journal
        }

        var descriptor = Open(path, ReadOnly);
        var isSynced = descriptor >= 0 && Fsync(descriptor) == 0;
        var reason = isSynced ? null : new Win32Exception(Marshal.GetLastPInvokeError()).Message;
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }

        if (reason is not null)
        {
            throw new IOException($"The folder {path} can't be brought to the disk: {reason}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
