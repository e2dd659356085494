using static Analytics.Api.Report.Markup;

namespace Analytics.Api.Report;

/// <summary>What every page has around its content.</summary>
internal static class PageLayout
{
    // All that a page needs comes from here, and nothing in it may run or look otherwise than our own files say.
    private const string SecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static string Render(string title, Markup content) => Html($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title}</title>
        <link rel="icon" href="{ReportAssets.Address("icon.svg")}">
        <link rel="stylesheet" href="{ReportAssets.Address("report.css")}">
        <script src="{ReportAssets.Address("report.js")}" defer></script>
        </head>
        <body>
        {content}
        </body>
        </html>

        """).ToString();

    public static void SetHeaders(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = SecurityPolicy;
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
