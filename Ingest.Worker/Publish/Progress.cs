using System.Globalization;

namespace Ingest.Worker.Publish;

/// <summary>Tells a person how a file goes: on a terminal in one line that is written over, elsewhere in a line now and then. The closing line is the only one on standard output.</summary>
internal sealed class Progress(string file, TimeProvider time)
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_nowAndThen = TimeSpan.FromSeconds(10);
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = time.GetTimestamp();
    private long _last = time.GetTimestamp();

    /// <summary>Says how many events are on the topic, if it is time to.</summary>
    public void Report(long published)
    {
        if (time.GetElapsedTime(_last) < (_isTerminal ? s_often : s_nowAndThen))
        {
            return;
        }

        _last = time.GetTimestamp();
        Console.Error.Write(_isTerminal ? $"\r\e[K{Sentence(published)}" : $"{Sentence(published)}{Environment.NewLine}");
    }

    /// <summary>Says that something is no event.</summary>
    public void Fault(long line, long offset, string reason)
    {
        ClearLine();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: line {line}, byte {offset}: {reason}"));
    }

    /// <summary>The closing line.</summary>
    public void Close(long published, long faulty, long? skipped)
    {
        ClearLine();
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        var skippedPart = skipped is { } count ? $", {Number(count)} skipped as published before" : "";
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {Number(published)} events published, {Number(faulty)} faulty{skippedPart}, in {seconds:0.0} s ({Number((long)(published / Math.Max(seconds, 0.001)))} events/s)"));
    }

    private string Sentence(long published) =>
        $"{file}: {Number(published)} events published ({Number((long)(published / Math.Max(time.GetElapsedTime(_start).TotalSeconds, 0.001)))} events/s)";

    private void ClearLine()
    {
        if (_isTerminal)
        {
            Console.Error.Write("\r\e[K");
        }
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
