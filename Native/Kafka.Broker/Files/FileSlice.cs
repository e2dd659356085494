namespace Kafka.Broker.Files;

/// <summary>
/// A range of a segment file that a response will carry. It keeps the file open until it is released, so that a segment may be
/// deleted while it is being sent.
/// </summary>
internal readonly struct FileSlice(OpenFile file, long position, int length)
{
    public static FileSlice Empty => default;

    public OpenFile File => file;

    public long Position => position;

    public int Length => length;

    public void Release() => file.Dispose();
}
