using Analytics.Api.Http;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>Marks an endpoint that answers pages: its problems are pages too.</summary>
internal sealed record AnswersPages;

/// <summary>A problem as a page, with the way back.</summary>
internal sealed class ProblemPage : IProblemDetailsWriter
{
    /// <summary>Whether the endpoint asked for answers pages; an exception handler sees it in a feature only.</summary>
    private static bool IsWanted(HttpContext context) =>
        (context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<AnswersPages>() is not null;

    public bool CanWrite(ProblemDetailsContext context) => IsWanted(context.HttpContext);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        Problem.Complete(context);
        await WriteAsync(context.HttpContext, context.ProblemDetails);
    }

    private static Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        PageLayout.SetHeaders(context.Response);
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            PageLayout.Render($"{problem.Title} · Activity", Html($"""
                <main class="notice" id="content">
                <h1>{problem.Title}</h1>
                <p>{problem.Detail}</p>
                <p><a href="/report">To the report of everything</a></p>
                </main>
                """)),
            context.RequestAborted);
    }
}
