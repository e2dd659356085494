using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ResourceService;

/// <summary>
/// Tells the dashboard about the resources, over HTTP with JSON lines on a loopback port of its own: <c>GET /resources</c> (all of them, then every
/// change), <c>GET /resources/{name}/logs</c> (the lines so far, then those to come), <c>POST /resources/{name}/commands/{command}</c>.
/// </summary>
internal sealed class ResourceServiceHost(ResourceNotificationService notifications, ResourceLoggerService loggers, ResourceCommandService commands) : IAsyncDisposable
{
    private const string ApiKeyHeader = "x-resource-service-api-key";

    private readonly CancellationTokenSource _stopping = new();
    private WebApplication? _server;

    /// <summary>Listens.</summary>
    /// <param name="url">Where; a free port if its port is 0.</param>
    /// <param name="apiKey">What callers must show.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The address.</returns>
    public async Task<string> StartAsync(string url, string apiKey, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls(url);
        _server = builder.Build();
        var expected = Encoding.UTF8.GetBytes(apiKey);
        _server.Use((context, next) =>
        {
            var shown = Encoding.UTF8.GetBytes(context.Request.Headers[ApiKeyHeader].ToString());
            if (CryptographicOperations.FixedTimeEquals(shown, expected))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        _server.UseRouting();
        _server.MapGet("/resources", new RequestDelegate(StreamResourcesAsync));
        _server.MapGet("/resources/{name}/logs", new RequestDelegate(StreamLogsAsync));
        _server.MapPost("/resources/{name}/commands/{command}", new RequestDelegate(ExecuteCommandAsync));
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        return _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            await server.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task StreamResourcesAsync(HttpContext context)
    {
        using var stop = Begin(context);
        try
        {
            await WriteLineAsync(context, new SnapshotJson("snapshot", notifications.CurrentStates().Select(ResourceJson.Of)), stop.Token).ConfigureAwait(false);

            // The watch begins with the states of now, so nothing is lost between the two.
            await foreach (var change in notifications.WatchAsync(stop.Token).ConfigureAwait(false))
            {
                await WriteLineAsync(context, new UpsertJson("upsert", ResourceJson.Of(change)), stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The dashboard went away, or the application stops.
        }
    }

    private async Task StreamLogsAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("name")!;
        if (!notifications.TryGetCurrentState(name, out _))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var stop = Begin(context);
        try
        {
            await foreach (var batch in loggers.StreamOf(name).FollowForeverAsync(stop.Token).ConfigureAwait(false))
            {
                foreach (var line in batch)
                {
                    await WriteLineAsync(context, new LogLineJson(line.LineNumber, line.Timestamp, line.Text, line.IsError), stop.Token, flush: false).ConfigureAwait(false);
                }

                await context.Response.Body.FlushAsync(stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The dashboard went away, or the application stops.
        }
    }

    private async Task ExecuteCommandAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("name")!;
        var command = (string)context.GetRouteValue("command")!;
        var result = await commands.ExecuteCommandAsync(name, command, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, new CommandResultJson(result.Success, result.ErrorMessage), ResourceServiceJson.Options, context.RequestAborted).ConfigureAwait(false);
    }

    private CancellationTokenSource Begin(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        context.Response.ContentType = "application/x-ndjson";
        return CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
    }

    private static async Task WriteLineAsync<T>(HttpContext context, T line, CancellationToken cancellationToken, bool flush = true)
    {
        await context.Response.Body.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, ResourceServiceJson.Options), (byte)'\n'], cancellationToken).ConfigureAwait(false);
        if (flush)
        {
            await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
