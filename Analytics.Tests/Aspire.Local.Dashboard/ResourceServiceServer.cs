using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Analytics.Tests.Dashboard;

/// <summary>A resource service as the AppHost has one: the other end of the dashboard's contract.</summary>
internal sealed class ResourceServiceServer : IAsyncDisposable
{
    public const string ApiKey = "resource-key";
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<object> _resources = [];
    private readonly List<Channel<object>> _watchers = [];

    private ResourceServiceServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public ConcurrentQueue<string> Commands { get; } = new();

    public ConcurrentDictionary<string, string[]> Logs { get; } = new();

    public static async Task<ResourceServiceServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var server = new ResourceServiceServer(builder.Build());
        server.Map();
        await server._app.StartAsync();
        return server;
    }

    public void Snapshot(params object[] resources)
    {
        lock (_gate)
        {
            _resources.Clear();
            _resources.AddRange(resources);
        }
    }

    public void Send(object change)
    {
        lock (_gate)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(change));
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _watchers.ForEach(watcher => watcher.Writer.TryComplete());
        }

        await _app.DisposeAsync();
    }

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            if (context.Request.Headers["x-resource-service-api-key"] == ApiKey)
            {
                await next(context);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
        });
        _app.MapGet("/resources", async (HttpContext context) =>
        {
            var watcher = Channel.CreateUnbounded<object>();
            lock (_gate)
            {
                watcher.Writer.TryWrite(new { type = "snapshot", resources = _resources.ToArray() });
                _watchers.Add(watcher);
            }

            await WriteAsync(context, watcher.Reader.ReadAllAsync(context.RequestAborted));
        });
        _app.MapGet("/resources/{name}/logs", async (HttpContext context, string name) =>
        {
            var lines = Logs.GetValueOrDefault(name, []).Select((text, i) => (object)new { lineNumber = i + 1, timestamp = DateTimeOffset.UtcNow, text, isError = text.Contains("fail", StringComparison.Ordinal) });
            await WriteAsync(context, lines.ToAsyncEnumerable());
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        _app.MapPost("/resources/{name}/commands/{command}", (string name, string command) =>
        {
            Commands.Enqueue($"{command} {name}");
            return new { success = true, message = (string?)null };
        });
    }

    private static async Task WriteAsync(HttpContext context, IAsyncEnumerable<object> lines)
    {
        context.Response.ContentType = "application/x-ndjson";
        try
        {
            await foreach (var line in lines)
            {
                await JsonSerializer.SerializeAsync(context.Response.Body, line, JsonSerializerOptions.Web, context.RequestAborted);
                await context.Response.WriteAsync("\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
