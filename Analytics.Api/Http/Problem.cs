using System.Diagnostics;
using System.Globalization;
using Analytics.Api.Report;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Analytics.Api.Http;

/// <summary>Errors as problem details (RFC 9457), whatever the client accepts, and on pages as a page: title from the status, detail in one sentence.</summary>
internal static class Problem
{
    private const string ContentType = "application/problem+json";

    public static IResult Of(int status, string detail) => new ProblemResult(status, detail);

    /// <param name="context">The request.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="detail">What is wrong, in one sentence.</param>
    /// <param name="extensions">Fields beside the usual ones.</param>
    public static Task WriteAsync(HttpContext context, int status, string detail, IDictionary<string, object?>? extensions = null)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        var problem = new ProblemDetails { Status = status, Detail = detail, Extensions = extensions ?? new Dictionary<string, object?>() };
        Complete(problem, context);
        return ProblemPage.IsWanted(context)
            ? ProblemPage.WriteAsync(context, problem)
            : context.Response.WriteAsJsonAsync(problem, AnalyticsJson.Readable.ProblemDetails, ContentType, context.RequestAborted);
    }

    /// <summary>Brings the problems of the framework's own validation into the same form.</summary>
    public static void Complete(ProblemDetailsContext problem)
    {
        if (problem.ProblemDetails is HttpValidationProblemDetails { Errors: var errors })
        {
            problem.ProblemDetails.Detail = string.Join(' ', errors.Values.SelectMany(sentences => sentences));
        }

        Complete(problem.ProblemDetails, problem.HttpContext);
    }

    private static void Complete(ProblemDetails problem, HttpContext context)
    {
        // A problem is no version of the data.
        context.Response.Headers.Remove(HeaderNames.ETag);
        var status = problem.Status ?? context.Response.StatusCode;
        problem.Type = $"https://www.rfc-editor.org/rfc/rfc9110#name-{Anchor(status)}";
        problem.Title = ReasonPhrases.GetReasonPhrase(status);
        problem.Instance = context.Request.Path;
        problem.Extensions["traceId"] = Activity.Current?.Id ?? context.TraceIdentifier;
    }

    // RFC 9110 names its sections as "404 Not Found" → #name-404-not-found.
    private static string Anchor(int status) =>
        string.Create(CultureInfo.InvariantCulture, $"{status}-{ReasonPhrases.GetReasonPhrase(status).Replace(' ', '-').ToLowerInvariant()}");

    private sealed class ProblemResult(int status, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, detail);
    }
}
