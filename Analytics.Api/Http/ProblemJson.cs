namespace Analytics.Api.Http;

/// <summary>A problem as JSON, whatever the client accepts. The framework's own writer would answer nothing to a client that accepts no JSON.</summary>
internal sealed class ProblemJson : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        Problem.Complete(context);
        var (response, problem) = (context.HttpContext.Response, context.ProblemDetails);
        await response.WriteAsJsonAsync(problem, problem.GetType(), options: null, "application/problem+json", context.HttpContext.RequestAborted);
    }
}
