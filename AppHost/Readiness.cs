using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Hosting;

/// <summary>Says on standard output where everything is, once all of it is healthy and the data is in.</summary>
/// <param name="notifications">Tells the state of the resources.</param>
/// <param name="healthy">The resources that must be healthy.</param>
/// <param name="publisher">The resource that publishes the data, and ends; null where there is none.</param>
/// <param name="api">Answers how far ingest has come.</param>
/// <param name="lines">What to say, asked for when all is ready.</param>
internal sealed class Readiness(
    ResourceNotificationService notifications, string[] healthy, string? publisher, EndpointReference api, Func<CancellationToken, Task<string[]>> lines)
    : BackgroundService
{
    /// <summary>Exit codes with which the publisher is through with the file: all published, some were no events, the file can't be read.</summary>
    public static readonly int[] PublishedWith = [0, 1, 2];

    // How old the API's knowledge of Kafka may be.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(healthy.Select(
                resource => notifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, stoppingToken)));
            if (publisher is not null)
            {
                await PublishedAsync(publisher, stoppingToken);
                await IngestedAsync(stoppingToken);
            }

            Console.WriteLine(string.Join(Environment.NewLine, await lines(stoppingToken)));
            var age = DateTime.Now - Process.GetCurrentProcess().StartTime;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Ready in {age.TotalSeconds:0.0} s"));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application ends before it was ready.
        }
    }

    private async Task PublishedAsync(string resource, CancellationToken cancellationToken)
    {
        var end = await notifications.WaitForResourceAsync(
            resource,
            change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text) && PublishedWith.Contains(change.Snapshot.ExitCode ?? -1),
            cancellationToken);
        if (end.Snapshot.ExitCode is not 0)
        {
            Console.Error.WriteLine($"The data was not published whole ({resource} ended with exit code {end.Snapshot.ExitCode}): its log says what is wrong.");
        }
    }

    private async Task IngestedAsync(CancellationToken cancellationToken)
    {
        var published = Stopwatch.GetTimestamp();
        using var client = new HttpClient { BaseAddress = new Uri(api.Url) };
        client.DefaultRequestHeaders.Add("X-Probe", "readiness"); // Ten traces a second would bury the others.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var fresh = Stopwatch.GetElapsedTime(published) > Freshness;
                var progress = await client.GetFromJsonAsync<JsonElement>("/api/ingest", cancellationToken);
                if (fresh && progress.GetProperty("lag") is { ValueKind: JsonValueKind.Number } lag && lag.GetInt64() == 0)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It has just been started again; it will answer.
            }
        }
    }
}
