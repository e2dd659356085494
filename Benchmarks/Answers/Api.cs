using System.Diagnostics;
using Native.Hosting;

namespace Benchmarks.Answers;

/// <summary>The API as a process over one database.</summary>
internal sealed class Api : IAsyncDisposable
{
    private readonly Server _server;

    private Api(Server server, Uri address)
    {
        _server = server;
        Client = new HttpClient { BaseAddress = address };
        Client.DefaultRequestHeaders.CacheControl = new() { NoCache = true };
    }

    public HttpClient Client { get; }

    public Server Server => _server;

    public static async Task<Api> StartAsync(LoadedDatabase database, params (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var api = new Api(
            Server.Start(
                "Analytics.Api", [],
                [
                    ("ASPNETCORE_URLS", address.ToString()), ("ConnectionStrings__activity", database.ConnectionString),
                    ("ConnectionStrings__kafka", database.Kafka),
                    ("Ingest__Topic", database.Topic), ("Logging__LogLevel__Default", "Error"), .. settings,
                ]),
            address);
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await api.Client.GetStringAsync("/api/summary");
                return api;
            }
            catch (HttpRequestException) when (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                // It is still starting.
            }
        }
    }

    /// <summary>The median time of a GET whose answer is made anew, one after another, in milliseconds.</summary>
    public async Task<double> MedianAsync(string path, int requests)
    {
        var times = new double[requests];
        for (var i = -requests / 4; i < requests; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Client.GetByteArrayAsync(path);
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }
        }

        Array.Sort(times);
        return times[requests / 2];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
