using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Analytics.Api.Http;

/// <summary>
/// Errors as problem details (RFC 9457): title from the status, detail in one sentence. The first <see cref="IProblemDetailsWriter"/> that wants to writes
/// them.
/// </summary>
internal static class Problem
{
    public static IResult Of(int status, string detail) => new ProblemResult(status, detail);

    /// <param name="context">The request.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="detail">What is wrong, in one sentence.</param>
    /// <param name="extensions">Fields beside the usual ones.</param>
    public static async Task WriteAsync(HttpContext context, int status, string detail, IDictionary<string, object?>? extensions = null)
    {
        context.Response.StatusCode = status;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = status, Detail = detail, Extensions = extensions ?? new Dictionary<string, object?>() },
        });
    }

    /// <summary>Brings every problem into the same form, those of the framework's own validation too. Writers call it before they write.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        if (problem is HttpValidationProblemDetails { Errors: var errors })
        {
            problem.Detail = string.Join(' ', errors.Values.SelectMany(sentences => sentences));
        }

        // A problem is no version of the data.
        http.Response.Headers.Remove(HeaderNames.ETag);
        var status = problem.Status ?? http.Response.StatusCode;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "2";
        }

        problem.Status = status;
        problem.Type = $"https://www.rfc-editor.org/rfc/rfc9110#name-{Anchor(status)}";
        problem.Title = ReasonPhrases.GetReasonPhrase(status);
        problem.Instance = http.Request.Path;
        problem.Extensions["traceId"] = Activity.Current?.Id ?? http.TraceIdentifier;
    }

    // RFC 9110 names its sections as "404 Not Found" → #name-404-not-found.
    private static string Anchor(int status) =>
        string.Create(CultureInfo.InvariantCulture, $"{status}-{ReasonPhrases.GetReasonPhrase(status).Replace(' ', '-').ToLowerInvariant()}");

    private sealed class ProblemResult(int status, string detail) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, detail);
    }
}
