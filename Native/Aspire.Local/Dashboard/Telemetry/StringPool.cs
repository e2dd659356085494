using System.Collections.Concurrent;

namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>Keeps one copy of the names that repeat in all telemetry: attribute keys, span names, loggers. Bounded; strange names beyond that are kept as they came.</summary>
internal sealed class StringPool
{
    private const int MaxStrings = 10_000;
    private const int MaxLength = 200;

    private readonly ConcurrentDictionary<string, string> _strings = new();
    private int _count;

    public string Get(string text)
    {
        if (_strings.TryGetValue(text, out var known))
        {
            return known;
        }

        if (text.Length > MaxLength || Volatile.Read(ref _count) >= MaxStrings || !_strings.TryAdd(text, text))
        {
            return text;
        }

        Interlocked.Increment(ref _count);
        return text;
    }
}
