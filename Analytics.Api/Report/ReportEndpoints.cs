using Analytics.Api.Access;
using Analytics.Api.Caching;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Analytics.Api.Queries;

namespace Analytics.Api.Report;

/// <summary>The report as a page and as text.</summary>
internal static class ReportEndpoints
{
    private const string What =
        "Headline figures, attempts over time, by hour of day and weekday, the distribution of scores, courses by popularity and, of a course, its "
            + "questions with verdicts; of everything, or of what the filter leaves.";

    public static void MapReport(this IEndpointRouteBuilder app)
    {
        var report = app.MapGroup("").RequireScope(Scopes.Read).WithTags("Report").LeaveOutEmptyParameters().RefuseUnknownParameters().TakesFilter()
            .WithMetadata(new FurtherVersion(context => context.RequestServices.GetRequiredService<QueryFolder>().ReadVersion())).AnswerUnchanged();

        var pages = report.MapGroup("").WithMetadata(new AnswersPages());
        pages.MapGet("/", GetPageAsync).ExcludeFromDescription();
        Describe(pages.MapGet("/report", GetPageAsync), "text/html", "text/html")
            .WithName("GetReport")
            .WithSummary("The report as a page")
            .WithDescription(
                $"{What} One page in HTML that needs nothing from elsewhere, nor JavaScript but for the live counter; its problems are pages too.");
        Describe(report.MapGet("/report.md", GetTextAsync), "text/markdown", "application/problem+json")
            .WithName("GetReportText")
            .WithSummary("The report as text")
            .WithDescription($"{What} The same figures as the page, in Markdown.");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string mediaType, string problems)
    {
        endpoint.Produces<string>(StatusCodes.Status200OK, mediaType);
        foreach (var status in (int[])[400, 404, 500, 503])
        {
            if (mediaType == problems)
            {
                endpoint.Produces<string>(status, problems);
            }
            else
            {
                endpoint.ProducesProblem(status, problems);
            }
        }

        return endpoint;
    }

    private static Task<IResult> GetPageAsync(
        Filter filter, HttpContext context, ActivityDatabase database, TimeProvider time, CancellationToken cancellationToken) =>
        AnswerAsync(
            context, database, filter, data => PageLayout.Answer(context, ReportPage.Render(data, time.GetUtcNow())),
            cancellationToken);

    private static Task<IResult> GetTextAsync(
        Filter filter, HttpContext context, ActivityDatabase database, TimeProvider time, CancellationToken cancellationToken) =>
        AnswerAsync(
            context, database, filter, data => TypedResults.Content(ReportText.Render(data, time.GetUtcNow()), "text/markdown; charset=utf-8"),
            cancellationToken);

    private static async Task<IResult> AnswerAsync(
        HttpContext context, ActivityDatabase database, Filter filter, Func<ReportData, IResult> render, CancellationToken cancellationToken)
    {
        var (data, unknown) = await ReportData.ReadAsync(context, database, filter, cancellationToken);
        return data is null ? Problem.Of(StatusCodes.Status404NotFound, unknown!)
            : render(data with { Saved = await SavedOnReport.ReadAsync(context, filter) });
    }
}
