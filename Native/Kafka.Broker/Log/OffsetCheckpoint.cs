using System.Globalization;
using System.Text;
using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

/// <summary>Kafka's checkpoint files in the data folder: version 0, the number of entries, then `topic partition offset` a line.</summary>
internal static class OffsetCheckpoint
{
    /// <summary>Offsets known to be on the disk, by partition folder.</summary>
    public const string RecoveryPoint = "recovery-point-offset-checkpoint";

    /// <summary>First offsets that DeleteRecords or retention left, by partition folder.</summary>
    public const string LogStart = "log-start-offset-checkpoint";

    public static void Write(string path, IEnumerable<(string Topic, int Partition, long Offset)> offsets)
    {
        var lines = new StringBuilder();
        var count = 0;
        foreach (var (topic, partition, offset) in offsets)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{topic} {partition} {offset}\n");
            count++;
        }

        DurableFile.Write(path, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"0\n{count}\n{lines}")));
    }

    /// <summary>By folder name, `topic-partition`. A file that is missing or broken knows nothing, and recovery then reads everything.</summary>
    public static Dictionary<string, long> Read(string path)
    {
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return offsets;
        }

        foreach (var line in File.ReadLines(path).Skip(2))
        {
            if (line.Split(' ') is [var topic, var partition, var offset] && long.TryParse(offset, CultureInfo.InvariantCulture, out var value))
            {
                offsets[$"{topic}-{partition}"] = value;
            }
        }

        return offsets;
    }
}
