using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;

namespace Analytics.Api.Access;

/// <summary>
/// One line for each request to an endpoint that takes SQL or writes, in the log category <c>Audit</c>: who, when, what, with which outcome. Refused ones too.
/// Nothing in it names a person.
/// </summary>
internal static partial class AuditLog
{
    private const string Category = "Audit";

    /// <summary>Adds to the line of this request what was asked or done.</summary>
    public static void NoteForAudit(this HttpContext context, string what) => context.Features.Set(new Note(what));

    public static IApplicationBuilder UseAudit(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        return app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy is { } scope and not Scopes.Read)
            {
                var (came, started, method, path) = (time.GetUtcNow(), Stopwatch.GetTimestamp(), context.Request.Method, context.Request.Path);
                context.Response.OnCompleted(() =>
                {
                    // What nginx says of a client that left, too.
                    var outcome = context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;
                    var what = context.Features.Get<Note>()?.What ?? "not carried through";
                    var milliseconds = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                    LogRequest(log, came, Caller.NameOf(context), scope, method, path, what, outcome, milliseconds);
                    return Task.CompletedTask;
                });
            }

            return next(context);
        });
    }

    [LoggerMessage(120, LogLevel.Information, "{At:O} {Who} [{Scope}] {Method} {Path}: {What}; answered {Outcome} after {Milliseconds} ms")]
    private static partial void LogRequest(
        ILogger logger, DateTimeOffset at, string who, string scope, string method, string path, string what, int outcome, long milliseconds);

    private sealed record Note(string What);
}
