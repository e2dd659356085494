using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>A part of the workbench that the navigation leads to.</summary>
internal sealed record Tab(string Name, string Address)
{
    public static readonly Tab Report = new("Report", "/report");
    public static readonly Tab Courses = new("Courses", "/courses");
    public static readonly Tab Questions = new("Questions", "/questions");
    public static readonly Tab Students = new("Students", "/students");
    public static readonly Tab Ask = new("Ask", "/ask");
    public static readonly Tab Events = new("Events", "/events");

    public static readonly Tab[] All = [Report, Courses, Questions, Students, Ask, Events];
}

/// <summary>What every page has around its content.</summary>
internal static class PageLayout
{
    // All that a page needs comes from here, and nothing in it may run or look otherwise than our own files say.
    private const string SecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
            + "'none'";

    /// <param name="title">What the window is called.</param>
    /// <param name="content">The page's header, main and footer; main has the id content.</param>
    /// <param name="tab">The part of the workbench that the page belongs to; null for none.</param>
    public static string Render(string title, Markup content, Tab? tab = null) => Html($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title}</title>
        <link rel="icon" href="{PageAssets.Address("icon.svg")}">
        <link rel="stylesheet" href="{PageAssets.Address("pages.css")}">
        <script src="{PageAssets.Address("pages.js")}" defer></script>
        </head>
        <body>
        <nav class="tabs screen" aria-label="Workbench">
        <a class="skip" href="#content">Skip to the content</a>
        <a class="home" href="/">Activity</a>
        <ul>{Tab.All.Select(one => Html($"""<li><a href="{one.Address}"{(one == tab ? Html($" aria-current=\"page\"") : None)}>{one.Name}</a></li>"""))}</ul>
        </nav>
        {content}
        </body>
        </html>

        """).ToString();

    /// <summary>A page as an answer.</summary>
    public static IResult Answer(HttpContext context, string page)
    {
        SetHeaders(context.Response);
        return TypedResults.Content(page, "text/html; charset=utf-8");
    }

    public static void SetHeaders(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = SecurityPolicy;
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
