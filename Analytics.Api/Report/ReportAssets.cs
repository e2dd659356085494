using System.Security.Cryptography;

namespace Analytics.Api.Report;

/// <summary>The page's stylesheet, script and icon: in the assembly, so that they are there however the service is started.</summary>
internal static class ReportAssets
{
    private static readonly Dictionary<string, (byte[] Content, string MediaType, string Version)> Files = new()
    {
        ["report.css"] = Load("report.css", "text/css; charset=utf-8"),
        ["report.js"] = Load("report.js", "text/javascript; charset=utf-8"),
        ["icon.svg"] = Load("icon.svg", "image/svg+xml"),
    };

    /// <summary>The file's address, which changes with its content.</summary>
    public static string Address(string name) => $"/report/{name}?v={Files[name].Version}";

    public static void MapReportAssets(this IEndpointRouteBuilder app) =>
        app.MapGet("/report/{file}", IResult (string file, HttpContext context) =>
        {
            if (!Files.TryGetValue(file, out var found))
            {
                return TypedResults.NotFound();
            }

            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return TypedResults.Bytes(found.Content, found.MediaType);
        }).AllowAnonymous().ExcludeFromDescription(); // A refusal is a page too, and holds no figures.

    private static (byte[] Content, string MediaType, string Version) Load(string name, string mediaType)
    {
        using var resource = typeof(ReportAssets).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return (content, mediaType, Convert.ToHexStringLower(SHA256.HashData(content))[..8]);
    }
}
