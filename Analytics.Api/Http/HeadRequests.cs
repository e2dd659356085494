namespace Analytics.Api.Http;

/// <summary>Answers HEAD as GET without its body (RFC 9110, 9.3.2), so that no endpoint has to name both.</summary>
internal static class HeadRequests
{
    private static readonly object Marker = new();

    /// <summary>Whether the request, though it now says GET, was HEAD: an answer without an end must not begin.</summary>
    public static bool IsHead(this HttpContext context) => context.Items.ContainsKey(Marker);

    public static IApplicationBuilder UseHeadAsGet(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await next(context);
            return;
        }

        context.Items[Marker] = true;
        var body = context.Response.Body;
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = Stream.Null;
        try
        {
            await next(context);
        }
        finally
        {
            context.Request.Method = HttpMethods.Head;
            context.Response.Body = body;
        }
    });
}
