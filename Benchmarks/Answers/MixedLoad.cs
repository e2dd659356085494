using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Benchmarks.Answers;

/// <summary>Two hundred mixed questions a second while ingest runs at its full rate.</summary>
internal static class MixedLoad
{
    private const int RequestsPerSecond = 200;

    private static readonly string[] Questions =
    [
        "/api/summary", "/api/courses", "/api/courses?sort=-passRate&limit=10", "/api/courses/learning-git", "/api/courses/learning-git/questions",
        "/api/exams",
        "/api/scores", "/api/scores?course=learning-git", "/api/attempts/by/day", "/api/attempts/by/hour-of-day?tz=Europe/Berlin", "/api/attempts?limit=50",
        "/api/attempts?course=learning-git&limit=50", "/api/ingest", "/api/courses?format=csv", "/api/courses?format=arrow",
    ];

    /// <summary>Asks at fixed times, whatever the answers take, and measures each from the time at which it was due.</summary>
    public static async Task RunAsync(LoadedDatabase database, long events, int seconds)
    {
        await using var api = await Api.StartAsync(database);
        foreach (var question in Questions)
        {
            await api.Client.GetStringAsync(question);
        }

        var before = await MessagesAsync(database);
        await database.PublishGeneratedAsync(events, seed: 12, (int)Math.Max(1, events / 4));
        await using var worker = database.StartWorker();
        while (await MessagesAsync(database) == before)
        {
            await Task.Delay(20);
        }

        var times = new ConcurrentBag<double>();
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        var asked = new List<Task>();
        var ingested = await MessagesAsync(database);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < seconds * RequestsPerSecond; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / RequestsPerSecond);
            if (due > watch.Elapsed)
            {
                await Task.Delay(due - watch.Elapsed);
            }

            asked.Add(AskAsync(Questions[i % Questions.Length], due));
        }

        await Task.WhenAll(asked);
        var rate = (await MessagesAsync(database) - ingested) / watch.Elapsed.TotalSeconds;
        double[] sorted = [.. times.Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            ## {RequestsPerSecond} mixed requests a second for {seconds} s, ingest at full rate
            {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{(int)status.Key}: {status.Value:N0}"))};
            p50 {At(0.5):N1} ms, p99 {At(0.99):N1} ms, greatest {sorted[^1]:N1} ms; {rate:N0} messages a second ingested meanwhile;
            greatest memory of the API {api.Server.PeakMemory >> 20:N0} MiB, of the worker {worker.PeakMemory >> 20:N0} MiB.
            """));

        double At(double share) => sorted[(int)(share * (sorted.Length - 1))];

        async Task AskAsync(string question, TimeSpan due)
        {
            using var answer = await api.Client.GetAsync(question);
            await answer.Content.ReadAsByteArrayAsync();
            times.Add((watch.Elapsed - due).TotalMilliseconds);
            statuses.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
        }
    }

    private static async Task<long> MessagesAsync(LoadedDatabase database) =>
        Convert.ToInt64(await database.ScalarAsync("select sum(messages) from exam_totals"), CultureInfo.InvariantCulture);
}
