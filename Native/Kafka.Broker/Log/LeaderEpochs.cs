using System.Globalization;
using System.Text;
using Kafka.Broker.Files;

namespace Kafka.Broker.Log;

/// <summary>
/// The leader epochs of one partition, each with the first offset that was written under it, ascending in both: Kafka's
/// `leader-epoch-checkpoint` (KIP-101). A client that read under an epoch asks where it ended, and so learns what a log lost since.
/// Written under the partition's lock, read without it.
/// </summary>
internal sealed class LeaderEpochs(string folder)
{
    private readonly string _path = Path.Combine(folder, "leader-epoch-checkpoint");
    private (int Epoch, long Start)[] _entries = [];

    /// <summary>Whether what is known now is on the disk for sure.</summary>
    public bool IsDurable { get; private set; }

    public bool IsEmpty => _entries.Length == 0;

    /// <summary>The epoch that the log is written under; -1 before there is one.</summary>
    public int Current => Volatile.Read(ref _entries) is [.., var last] ? last.Epoch : -1;

    /// <summary>False if there is no whole file; nothing is known then.</summary>
    public bool TryLoad()
    {
        if (!File.Exists(_path)
            || File.ReadAllLines(_path) is not ["0", var count, .. var lines]
            || count != lines.Length.ToString(CultureInfo.InvariantCulture))
        {
            return false;
        }

        var entries = new List<(int Epoch, long Start)>();
        foreach (var line in lines)
        {
            if (line.Split(' ') is not [var epochText, var startText]
                || !int.TryParse(epochText, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                || !long.TryParse(startText, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                || (entries.Count > 0 && (epoch <= entries[^1].Epoch || start <= entries[^1].Start)))
            {
                return false;
            }

            entries.Add((epoch, start));
        }

        _entries = [.. entries];
        return true;
    }

    /// <summary>What is written from the offset on is written under the epoch.</summary>
    public void Begin(int epoch, long start)
    {
        if (epoch > Current)
        {
            Volatile.Write(ref _entries, [.. _entries.Where(e => e.Start < start), (epoch, start)]);
        }
    }

    /// <summary>The log was cut: it ends at the offset now.</summary>
    public void TruncateFrom(long end) => Volatile.Write(ref _entries, [.. _entries.Where(e => e.Start < end)]);

    /// <summary>The log starts at the offset now. True if that changed anything.</summary>
    public bool TruncateBefore(long start)
    {
        var entries = _entries;
        var at = Array.FindLastIndex(entries, e => e.Start <= start);
        if (at < 0 || (at == 0 && entries[0].Start == start))
        {
            return false;
        }

        Volatile.Write(ref _entries, [(entries[at].Epoch, start), .. entries[(at + 1)..]]);
        return true;
    }

    /// <summary>The epoch that the record at the offset was written under; -1 if none is known.</summary>
    public int Of(long offset)
    {
        var entries = Volatile.Read(ref _entries);
        var at = Array.FindLastIndex(entries, e => e.Start <= offset);
        return at < 0 ? -1 : entries[at].Epoch;
    }

    /// <summary>
    /// The greatest epoch not above the asked one, and where it ended; (-1, -1) for one that is not known yet. An epoch from before the
    /// log starts ended where the first known one starts.
    /// </summary>
    public (int Epoch, long EndOffset) EndOf(int epoch, long logEnd)
    {
        var entries = Volatile.Read(ref _entries);
        if (epoch < 0 || entries.Length == 0 || epoch > entries[^1].Epoch)
        {
            return (-1, -1);
        }

        if (epoch == entries[^1].Epoch)
        {
            return (epoch, logEnd);
        }

        var next = Array.FindIndex(entries, e => e.Epoch > epoch);
        return (next == 0 ? epoch : entries[next - 1].Epoch, entries[next].Start);
    }

    public void Save(bool isDurable)
    {
        var entries = _entries;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"0\n{entries.Length}\n");
        foreach (var (epoch, start) in entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"{epoch} {start}\n");
        }

        var content = Encoding.ASCII.GetBytes(text.ToString());
        IsDurable = isDurable;
        if (isDurable)
        {
            DurableFile.Write(_path, content);
        }
        else
        {
            DurableFile.WriteLazily(_path, content);
        }
    }
}
