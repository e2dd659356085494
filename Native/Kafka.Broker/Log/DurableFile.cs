namespace Kafka.Broker.Log;

/// <summary>Small files that are replaced as a whole: written beside, brought to the disk, renamed over; so that a reader finds the old or the new one.</summary>
internal static class DurableFile
{
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string beside = path + ".tmp";
        using (FileStream file = new(beside, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
