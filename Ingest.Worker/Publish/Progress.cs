using System.Globalization;

namespace Ingest.Worker.Publish;

/// <summary>
/// Tells a person how a file goes: on a terminal in one line that is written over, elsewhere in a line now and then. The closing line is the only one on
/// standard output.
/// </summary>
internal sealed class Progress(string file, TimeProvider time)
{
    private const int MostFaults = 100;
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan NowAndThen = TimeSpan.FromSeconds(10);
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = time.GetTimestamp();
    private long _last = time.GetTimestamp();
    private long _faults;

    /// <summary>Says how many events are on the topic, if it is time to.</summary>
    public void Report(long published)
    {
        if (time.GetElapsedTime(_last) < (_isTerminal ? Often : NowAndThen))
        {
            return;
        }

        _last = time.GetTimestamp();
        Console.Error.Write(_isTerminal ? $"\r\e[K{Sentence(published)}" : $"{Sentence(published)}{Environment.NewLine}");
    }

    /// <summary>Says that something is no event; of many only the first, as more would hide them.</summary>
    public void Fault(long line, long offset, string reason)
    {
        if (++_faults > MostFaults)
        {
            return;
        }

        ClearLine();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: line {line}, byte {offset}: {reason}"));
    }

    /// <summary>The closing line.</summary>
    public void Close(long published, long faulty, long? skipped)
    {
        ClearLine();
        if (_faults > MostFaults)
        {
            Console.Error.WriteLine($"{file}: and {Number(_faults - MostFaults)} more; /api/dead-letters/groups will count them by reason.");
        }

        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        var skippedPart = skipped is { } count ? $", {Number(count)} skipped as published before" : "";
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {Number(published)} events published, {Number(faulty)} faulty{skippedPart}, " +
            $"in {seconds:0.0} s ({Number(Rate(published, seconds))} events/s)"));
    }

    private string Sentence(long published) =>
        $"{file}: {Number(published)} events published ({Number(Rate(published, time.GetElapsedTime(_start).TotalSeconds))} events/s)";

    private static long Rate(long published, double seconds) => (long)(published / Math.Max(seconds, 0.001));

    private void ClearLine()
    {
        if (_isTerminal)
        {
            Console.Error.Write("\r\e[K");
        }
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
