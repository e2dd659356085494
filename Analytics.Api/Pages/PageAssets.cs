using System.Security.Cryptography;

namespace Analytics.Api.Pages;

/// <summary>The pages' stylesheet, script and icon: in the assembly, so that they are there however the service is started.</summary>
internal static class PageAssets
{
    private static readonly Dictionary<string, (byte[] Content, string MediaType, string Version)> Files = new()
    {
        ["pages.css"] = Load("pages.css", "text/css; charset=utf-8"),
        ["pages.js"] = Load("pages.js", "text/javascript; charset=utf-8"),
        ["icon.svg"] = Load("icon.svg", "image/svg+xml"),
    };

    /// <summary>The file's address, which changes with its content.</summary>
    public static string Address(string name) => $"/assets/{name}?v={Files[name].Version}";

    public static void MapPageAssets(this IEndpointRouteBuilder app) =>
        app.MapGet("/assets/{file}", IResult (string file, HttpContext context) =>
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
        using var resource = typeof(PageAssets).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return (content, mediaType, Convert.ToHexStringLower(SHA256.HashData(content))[..8]);
    }
}
