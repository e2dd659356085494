namespace Kafka.Broker.Files;

/// <summary>
/// Small files that are replaced as a whole: written beside, brought to the disk, renamed over; so that a reader finds the old or the
/// new one.
/// </summary>
internal static class DurableFile
{
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Replace(path, content, isDurable: true);
        Folder.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>As <see cref="Write"/>, but left to the system when it comes to the disk.</summary>
    public static void WriteLazily(string path, ReadOnlySpan<byte> content) => Replace(path, content, isDurable: false);

    private static void Replace(string path, ReadOnlySpan<byte> content, bool isDurable)
    {
        var beside = path + ".tmp";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: isDurable);
        }

        File.Move(beside, path, overwrite: true);
    }
}
