using System.Net;

namespace Aspire.Local.Dashboard;

/// <summary>
/// Keeps foreign web pages out: a dashboard on loopback can be reached by every page its user has open, and its commands start and stop processes.
/// A foreign Host is a name rebound to 127.0.0.1, a foreign Origin is another site's script, also one on another port of this machine.
/// </summary>
internal static class OriginGuard
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!IsLoopbackName(request.Host.Host))
        {
            return Refuse(context, $"The dashboard answers to localhost, not to '{request.Host.Host}'.");
        }

        // A browser tells the origin for every POST, WebSocket and cross-origin fetch; services that send telemetry are no pages and have none.
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && (Doors.Of(context) == Door.Otlp || !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)))
        {
            return Refuse(context, "The dashboard takes no requests from other web sites.");
        }

        // Scripts and images of another site carry no origin; following a link from there is fine, the pages change nothing by themselves.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && request.Headers["Sec-Fetch-Mode"] != "navigate")
        {
            return Refuse(context, "The dashboard takes no requests from other web sites.");
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Task Refuse(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync(why, context.RequestAborted);
    }
}
