using Microsoft.Win32.SafeHandles;

namespace Kafka.Broker.Log;

/// <summary>
/// A range of a segment file that a response will carry. It keeps the file open until it is released, so that a segment may be
/// deleted while it is being sent.
/// </summary>
internal readonly struct FileSlice
{
    public static FileSlice Empty => default;

    public FileSlice(SafeFileHandle file, long position, int length)
    {
        bool held = false;
        file.DangerousAddRef(ref held);
        (File, Position, Length) = (file, position, length);
    }

    public SafeFileHandle? File { get; }

    public long Position { get; }

    public int Length { get; }

    public void Release() => File?.DangerousRelease();
}
