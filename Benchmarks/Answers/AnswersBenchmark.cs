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

    /// <summary>Each address with the values of its SQL's parameters, in order.</summary>
    private static readonly (string Path, string[] Parameters)[] Headlines =
    [
        ("/api/summary", ["70::numeric"]),
        ("/api/courses", ["70::numeric"]),
        ("/api/courses/learning-git", ["70::numeric", "'learning-git'::text"]),
        ("/api/courses/learning-git/questions", ["'learning-git'::text", "null::text"]),
        ("/api/attempts/by/day", ["null::text", "null::text", "'UTC'::text", "null::date", "null::date", "false"]),
        ("/api/attempts/by/hour-of-day", ["null::text", "null::text", "'UTC'::text", "null::date", "null::date", "false"]),
    ];

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
            Median of a GET alone, its answer made anew; requests a second over {Connections} connections for {seconds} s each: by wrk, with answers made anew and with
            answers kept while no data comes in, and by pgbench -M prepared with the same SQL.

            | GET | 3,242 attempts | {attempts + 3242:N0} attempts | ratio | pgbench, 1/s | API anew, 1/s | ratio | API unchanged, 1/s | ratio |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|
            """));
        foreach (var (path, parameters) in Headlines)
        {
            double few, many;
            await using (var api = await Api.StartAsync(small))
            {
                few = await api.MedianAsync(path, 400);
            }

            var statements = (await Statements.OfAsync(large, path)).Select(statement => With(parameters, statement)).ToArray();
            await using (var api = await Api.StartAsync(large))
            {
                many = await api.MedianAsync(path, 400);
                var address = new Uri(api.Client.BaseAddress!, path);
                var anew = await Tools.WrkAsync(address, anew: true, Connections, seconds);
                var pgbench = await Tools.PgbenchAsync(large.ConnectionString, statements, Connections, seconds);
                var unchanged = await Tools.WrkAsync(address, anew: false, Connections, seconds);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| `{path}` | {few:F2} ms | {many:F2} ms | {many / few:F2} | {pgbench:N0} | {anew:N0} | {anew / pgbench:F2} | {unchanged:N0} | {unchanged / pgbench:F2} |"));
            }
        }
    }

    private static string With(string[] parameters, string statement)
    {
        for (var number = parameters.Length; number > 0; number--)
        {
            statement = statement.Replace(string.Create(CultureInfo.InvariantCulture, $"${number}"), parameters[number - 1], StringComparison.Ordinal);
        }

        return statement;
    }
}
