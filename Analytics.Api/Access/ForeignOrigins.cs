using Analytics.Api.Http;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Access;

/// <summary>
/// What pages of other origins may do: read and write where configuration names them (CORS), else nothing. A browser sends a write before it asks whether
/// the page may see the answer, so writes of other origins are refused here.
/// </summary>
internal static class ForeignOrigins
{
    public static void Add(IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<AccessOptions>>((cors, access) =>
            cors.AddDefaultPolicy(policy => policy
                .WithOrigins(access.Value.Origins)
                .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post)
                .AllowAnyHeader()
                .WithExposedHeaders("ETag", "Link", "Retry-After", "WWW-Authenticate")));
    }

    /// <summary>Refuses writes that a browser makes for a page of another origin; programs that are no browser send neither header.</summary>
    public static IApplicationBuilder RefuseForeignWrites(this IApplicationBuilder app)
    {
        var origins = app.ApplicationServices.GetRequiredService<IOptions<AccessOptions>>().Value.Origins;
        return app.Use((context, next) => IsSafe(context.Request.Method) || IsOwn(context.Request, origins)
            ? next(context)
            : Problem.WriteAsync(
                context, StatusCodes.Status403Forbidden,
                $"A page of another origin may not write here: the setting {AccessOptions.Section}:Origins names those that may."));
    }

    /// <summary>Says on every answer that no other site may load it into its own page, nor guess at its type.</summary>
    public static IApplicationBuilder KeepFromOtherSites(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            var headers = ((HttpResponse)state).Headers;
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.XContentTypeOptions = "nosniff";
            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    });

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    // Behind a proxy that ends TLS the schemes differ, so origin and host are compared without.
    private static bool IsOwn(HttpRequest request, string[] origins)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        return origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            || (site is "" or "same-origin" or "none" && (origin.Length == 0 || AuthorityOf(origin) == request.Host.Value?.ToLowerInvariant()));
    }

    private static string? AuthorityOf(string origin) =>
        origin.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme ? origin[(scheme + 3)..].ToLowerInvariant() : null;
}
