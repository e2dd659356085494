using System.Text.Json;

namespace Benchmarks.Answers;

/// <summary>Which SQL an address asks, learnt from the API's own log, so that pgbench runs just the same.</summary>
internal static class Statements
{
    private static readonly string[] Beginnings = ["begin", "select", "with", "commit"];

    /// <summary>Asks the path of an API that logs its commands.</summary>
    /// <returns>The statements of its one batch, in order.</returns>
    public static async Task<IReadOnlyList<string>> OfAsync(LoadedDatabase database, string path)
    {
        await using var api = await Api.StartAsync(database, ("Logging__Console__FormatterName", "json"), ("Logging__LogLevel__Npgsql", "Information"));
        await api.Client.GetStringAsync(path);
        while (true)
        {
            // The first batch is the question by which the API was found to be up; the second is this one.
            if (Batches(api.Server.Lines).Skip(path.StartsWith("/api/summary", StringComparison.Ordinal) ? 0 : 1).FirstOrDefault() is { } batch)
            {
                return [.. Split(batch)];
            }

            await Task.Delay(20);
        }
    }

    private static IEnumerable<string> Batches(IEnumerable<string> log) =>
        from line in log
        where line.StartsWith('{')
        let message = JsonDocument.Parse(line).RootElement.GetProperty("Message").GetString()!
        where message.StartsWith("Batch execution completed", StringComparison.Ordinal) && message.Contains("ingest_partitions", StringComparison.Ordinal)
        select message[(message.IndexOf('[', StringComparison.Ordinal) + 1)..^1];

    // Npgsql joins them by ", ": one begins where that stands outside of parentheses and quotes, before a word that begins a statement.
    private static IEnumerable<string> Split(string batch)
    {
        var (start, depth, quoted) = (0, 0, false);
        for (var i = 0; i < batch.Length; i++)
        {
            quoted ^= batch[i] == '\'';
            depth += quoted ? 0 : batch[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (!quoted && depth == 0 && batch[i] == ','
                && Array.Exists(Beginnings, word => batch.AsSpan(Math.Min(i + 2, batch.Length)).StartsWith(word, StringComparison.Ordinal)))
            {
                yield return batch[start..i];
                start = i + 2;
            }
        }

        yield return batch[start..];
    }
}
