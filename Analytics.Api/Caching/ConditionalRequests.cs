using Analytics.Api.Database;
using Analytics.Api.Http;
using Microsoft.Net.Http.Headers;

namespace Analytics.Api.Caching;

/// <summary>
/// Answers a GET with <c>If-None-Match</c> by 304 when the data is still what the client has, and keeps answers until it changes; only a miss pays for the
/// query.
/// </summary>
internal static class ConditionalRequests
{
    public static TBuilder AnswerUnchanged<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.DescribeConditions().CacheOutput(cache => cache.AddPolicy<AnswerCache>(), excludeDefaultPolicy: true).AddEndpointFilter(
            async (context, next) =>
        {
            var http = context.HttpContext;
            var known = http.Request.GetTypedHeaders().IfNoneMatch;
            if (known.Count > 0 && !known.Contains(EntityTagHeaderValue.Any))
            {
                var tag = http.Features.Get<EntityTagHeaderValue>() // The cache has asked for it.
                    ?? await http.RequestServices.GetRequiredService<ActivityDatabase>().ReadTagAsync(http, http.RequestAborted);
                if (known.Any(candidate => candidate.Compare(tag, useStrongComparison: false)))
                {
                    ActivityDatabase.SetTag(http, tag);
                    return TypedResults.StatusCode(StatusCodes.Status304NotModified);
                }
            }

            // "*" holds of whatever there is, and only the answer tells whether there is something.
            var answer = await next(context);
            return known.Contains(EntityTagHeaderValue.Any) && IsGood(answer) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : answer;
        });

    private static bool IsGood(object? answer) =>
        (answer is INestedHttpResult nested ? nested.Result : answer) is not IStatusCodeHttpResult { StatusCode: not (null or StatusCodes.Status200OK) };
}
