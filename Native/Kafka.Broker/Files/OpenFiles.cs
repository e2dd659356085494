using System.Globalization;

namespace Kafka.Broker.Files;

/// <summary>
/// The file handles that the logs hold, at most so many: the next one closes one that was not used lately. So the number of partitions
/// is not bounded by the handles of the process, and the sockets keep theirs.
/// </summary>
internal sealed class OpenFiles(int capacity)
{
    private const int MostHandles = 4096;
    private const int LimitWhereUnknown = 1024;

    private readonly Lock _lock = new();
    private readonly List<LogFile> _open = [];
    private int _hand;

    /// <summary>A quarter of the handles that the system allows this process.</summary>
    public static OpenFiles ForThisProcess() => new(Math.Min(MostHandles, ReadHandleLimit() / 4));

    /// <summary>Opens the file, unless another thread did so in between.</summary>
    public OpenFile Open(LogFile file)
    {
        lock (_lock)
        {
            if (file.TryUse() is { } opened)
            {
                return opened;
            }

            while (_open.Count >= capacity)
            {
                CloseOne();
            }

            opened = file.OpenHandle();
            _open.Add(file);
            return opened;
        }
    }

    public void Close(LogFile file)
    {
        lock (_lock)
        {
            if (file.CloseHandle())
            {
                _open.Remove(file);
            }
        }
    }

    /// <summary>The clock algorithm: the first file that was not used since the hand came by last.</summary>
    private void CloseOne()
    {
        while (true)
        {
            _hand = _hand < _open.Count ? _hand : 0;
            var file = _open[_hand];
            if (file.WasUsed())
            {
                _hand++;
                continue;
            }

            file.CloseHandle();
            _open[_hand] = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            return;
        }
    }

    private static int ReadHandleLimit()
    {
        const string Limits = "/proc/self/limits";
        var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [_, _, _, var soft, ..] && int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : LimitWhereUnknown;
    }
}
