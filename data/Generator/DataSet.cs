using System.IO.Compression;

namespace Data.Generator;

/// <summary>The reconstruction of the real data set: see data/README.md.</summary>
public static class DataSet
{
    /// <summary>The seed of the data set in the repository.</summary>
    public const ulong Seed = 2018;

    private const int MillisecondsPerHour = 3_600_000;

    /// <summary>Writes the data set as a JSON array with one event a line. The same bytes every time.</summary>
    /// <param name="output">Where to; left open.</param>
    public static void Write(Stream output)
    {
        var separator = "[\n";
        foreach (var message in Messages())
        {
            output.Write(System.Text.Encoding.ASCII.GetBytes(separator));
            output.Write(message);
            separator = ",\n";
        }

        output.Write("\n]\n"u8);
    }

    /// <summary>Writes the data set compressed with gzip.</summary>
    /// <param name="output">Where to; left open.</param>
    public static void WriteGzip(Stream output)
    {
        using var gzip = new GZipStream(output, CompressionLevel.SmallestSize, leaveOpen: true);
        using var buffered = new BufferedStream(gzip, 1 << 16);
        Write(buffered);
    }

    /// <summary>All messages, roughly by time; a redelivered one repeats its event byte for byte within the next hours.</summary>
    private static IEnumerable<byte[]> Messages()
    {
        var attempts = AttemptPlan.Attempts;
        var times = new TimePlan(attempts, Seed);
        var writer = new EventWriter(Seed);
        var answers = new Answers();
        var messages = new List<(long Time, byte[] Event)>();
        for (var i = 0; i < attempts.Count; i++)
        {
            var random = Random64.For(Seed, (ulong)i);
            answers.Draw(ref random, attempts[i].Exam, attempts[i].Score, times.Durations[i]);
            var bytes = writer.Write(EnvelopeOf(ref random, i, times.Starts[i], times.Durations[i]), answers).ToArray();
            var time = times.Starts[i] + times.Durations[i];
            for (var delivery = 0; delivery < attempts[i].Deliveries; delivery++)
            {
                messages.Add((time + random.Below(MillisecondsPerHour), bytes));
                time += MillisecondsPerHour;
            }
        }

        return messages.OrderBy(message => message.Time).Select(message => message.Event);
    }

    private static Envelope EnvelopeOf(ref Random64 random, int number, long start, int duration) => new()
    {
        EventNumber = number,
        AttemptNumber = number,
        UserNumber = -1,
        StartedAt = start,
        KeenTimestamp = KeenTimestamp(ref random, start + duration),
        Layout = random.Chance(0.3) ? random.Next() : 0,
    };

    /// <summary>Some seconds after the last answer, in microseconds; one in five to 100 ns, as the real ones have it.</summary>
    /// <returns>100 ns ticks since the Unix epoch.</returns>
    internal static long KeenTimestamp(ref Random64 random, long lastAnswer)
    {
        var ticks = lastAnswer * TimeSpan.TicksPerMillisecond + TimeSpan.TicksPerSecond / 2 + random.Below(40_000_000);
        return random.Chance(0.2) ? ticks : ticks / 10 * 10;
    }
}
