using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace Analytics.Api.Http;

/// <summary>Turns what went wrong into a problem: bad requests, a database that is away or has no tables yet, our own faults.</summary>
internal sealed partial class ErrorResponses(ILogger<ErrorResponses> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = Explain(exception);
        if (exception is BadHttpRequestException && httpContext.Features.Get<IExceptionHandlerFeature>() is { } failed)
        {
            detail = QueryParameters.UnreadableParameter(httpContext.Request, failed.Endpoint, failed.RouteValues) ?? detail;
        }

        if (status >= 500)
        {
            LogFailure(logger, exception, httpContext.Request.Method, httpContext.Request.Path, status);
        }

        await Problem.WriteAsync(httpContext, status, detail);
        return true;
    }

    /// <summary>The body for answers that have a status and nothing else: routing's 404, 405, 415 and the like.</summary>
    public static Task DescribeStatusAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        if (http.Response.Headers.Allow.ToString() is var allowed && allowed.Split(", ").Contains(HttpMethods.Get))
        {
            http.Response.Headers.Allow = $"{allowed}, {HttpMethods.Head}"; // UseHeadAsGet answers it.
        }

        var detail = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address; /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"This address does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => "This address does not take a body of this Content-Type.",
            _ => "The request can't be answered.",
        };
        return Problem.WriteAsync(http, http.Response.StatusCode, detail);
    }

    public static (int Status, string Detail) Explain(Exception exception) => exception switch
    {
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName } =>
            (503, "The database has no tables yet, or older ones: the ingest worker makes them when it starts."),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => (503, "The database took too long to answer; ask for less, or later."),
        PostgresException postgres when IsAway(postgres.SqlState) => (503, "The database does not take requests at the moment."),
        PostgresException => (500, "The database refused a query of this service; its log has the reason."),
        NpgsqlException => (503, "The database does not answer."),
        _ => (500, "This service failed; its log has the reason."),
    };

    // Classes 08 connection, 28 login, 3D database unknown, 53 resources, 57 operator, 58 system.
    public static bool IsAway(string state) => state[..2] is "08" or "28" or "3D" or "53" or "57" or "58";

    [LoggerMessage(100, LogLevel.Error, "{Method} {Path} failed and was answered with {Status}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string method, string path, int status);
}
