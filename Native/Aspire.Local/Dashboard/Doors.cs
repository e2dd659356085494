using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aspire.Local.Dashboard;

/// <summary>Which listener a connection came in by.</summary>
internal enum Door
{
    /// <summary>Pages and the JSON view, for people.</summary>
    Pages,

    /// <summary>Telemetry, for services.</summary>
    Otlp,
}

/// <summary>Marks an endpoint that is reached by the OTLP listeners only; all others are reached by the pages' only.</summary>
internal sealed class OtlpEndpoint;

/// <summary>The listeners, loopback all, and the rule that each serves its own endpoints.</summary>
internal static class Doors
{
    private static readonly object ConnectionItem = new();

    /// <summary>Opens the listeners that the options name.</summary>
    public static void Listen(KestrelServerOptions kestrel, DashboardOptions options)
    {
        kestrel.AddServerHeader = false;
        foreach (var pages in options.Pages)
        {
            Open(kestrel, pages, Door.Pages, HttpProtocols.Http1);
        }

        Open(kestrel, options.OtlpGrpc, Door.Otlp, HttpProtocols.Http2);
        if (options.OtlpHttp is { } http)
        {
            Open(kestrel, http, Door.Otlp, HttpProtocols.Http1);
        }
    }

    /// <summary>Answers 404 where an endpoint is asked for at another door than its own.</summary>
    public static Task Guard(HttpContext context, RequestDelegate next)
    {
        var asked = context.GetEndpoint()?.Metadata.GetMetadata<OtlpEndpoint>() is null ? Door.Pages : Door.Otlp;
        if (asked == Of(context))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>The door a request came in by.</summary>
    public static Door Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items[ConnectionItem] is Door door ? door : Door.Pages;

    private static void Open(KestrelServerOptions kestrel, Uri address, Door door, HttpProtocols protocols)
    {
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, address.Port, Configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            listen.Protocols = protocols;
            listen.Use(next => (ConnectionContext connection) =>
            {
                connection.Items[ConnectionItem] = door;
                return next(connection);
            });
        }
    }
}
