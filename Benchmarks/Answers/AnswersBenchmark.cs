using System.Globalization;
using Native.Hosting;

namespace Benchmarks.Answers;

/// <summary>
/// What the headline answers cost over the data set (3,242 attempts) and with a million generated attempts besides, and how many a second there are beside
/// pgbench with the same SQL on the same server in the same run.
/// </summary>
internal static class AnswersBenchmark
{
    private const int Connections = 8;
    private const int WarmUpSeconds = 10; // .NET compiles what is called often a second time.

    private static readonly Parameter PassMark = new("numeric", "70");
    private static readonly Parameter Course = new("text", "learning-git");

    /// <summary>Each address with its SQL's parameters over the many attempts, in order.</summary>
    private static readonly Headline[] Headlines =
    [
        new("/api/summary", [PassMark]),
        new("/api/courses", [PassMark]),
        new("/api/courses/learning-git", [PassMark, Course]),
        new("/api/courses/learning-git/questions", [Course, new("text")]),

        // As many days, with and without the generated attempts; then all days, of which the many attempts have 406 and the few 69.
        Starts("/api/attempts/by/day", "2017-11-21", "2018-01-28", "2018-02-01", "2018-04-10"),
        Starts("/api/attempts/by/hour-of-day", "2017-11-21", "2018-01-28", "2018-02-01", "2018-04-10"),
        Starts("/api/attempts/by/day"),
        Starts("/api/attempts/by/hour-of-day"),
    ];

    private static Headline Starts(string path, string? from = null, string? to = null, string? manyFrom = null, string? manyTo = null) => new(
        from is null ? path : $"{path}?from={from}&to={to}",
        [new("text"), new("text"), new("text", "UTC"), new("date", manyFrom), new("date", manyTo), new("bool", "false")],
        manyFrom is null ? null : $"{path}?from={manyFrom}&to={manyTo}");

    /// <param name="attempts">How many attempts are generated besides the data set.</param>
    /// <param name="seconds">How long each load lasts.</param>
    public static async Task RunAsync(long attempts, int seconds)
    {
        await using var postgres = await PostgresServer.StartAsync(CancellationToken.None);
        var data = Directory.CreateTempSubdirectory("kafka-");
        try
        {
            var kafka = $"127.0.0.1:{Ports.Free()}";
            await using var broker = Server.Start("Native/Kafka.Broker", ["--data", data.FullName, "--listen", kafka]);
            var small = await LoadedDatabase.FillAsync(postgres, kafka, generated: 0);
            var large = await LoadedDatabase.FillAsync(postgres, kafka, attempts);
            await CompareAsync(small, large, attempts, seconds);
            await MixedLoad.RunAsync(large, events: 200_000, seconds);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(LoadedDatabase small, LoadedDatabase large, long attempts, int seconds)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            ## Time and throughput
            Median of a GET alone, its answer made anew; requests a second over {Connections} connections for {seconds} s each: by wrk, with answers
            made anew and with answers kept while no data comes in, and by pgbench -M prepared with the same SQL.

            | GET | 3,242 attempts | {attempts + 3242:N0} attempts | ratio | pgbench, 1/s | API anew, 1/s | ratio | API unchanged, 1/s | ratio |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|
            """));
        foreach (var headline in Headlines)
        {
            double few, many;
            await using (var api = await Api.StartAsync(small))
            {
                few = await api.MedianAsync(headline.Path, 1000);
            }

            var path = headline.ManyPath ?? headline.Path;
            var statements = await Statements.OfAsync(large, path);
            await using (var api = await Api.StartAsync(large))
            {
                many = await api.MedianAsync(path, 1000);
                var address = new Uri(api.Client.BaseAddress!, path);
                await Tools.WrkAsync(address, anew: true, Connections, WarmUpSeconds);
                var anew = await Tools.WrkAsync(address, anew: true, Connections, seconds);
                var pgbench = await Tools.PgbenchAsync(large.ConnectionString, statements, headline.Parameters, Connections, seconds);
                var unchanged = await Tools.WrkAsync(address, anew: false, Connections, seconds);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| `{path}` | {few:F2} ms | {many:F2} ms | {many / few:F2} | {pgbench:N0} |"
                    + $" {anew:N0} | {anew / pgbench:F2} | {unchanged:N0} | {unchanged / pgbench:F2} |"));
            }
        }
    }
}

/// <summary>An address that is measured.</summary>
/// <param name="Path">What is asked over few attempts, and over many unless they have a path of their own.</param>
/// <param name="Parameters">Its SQL's parameters over many attempts, in order.</param>
/// <param name="ManyPath">What is asked over many attempts.</param>
internal sealed record Headline(string Path, Parameter[] Parameters, string? ManyPath = null);
