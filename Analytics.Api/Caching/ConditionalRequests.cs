using Analytics.Api.Database;
using Analytics.Api.Http;
using Microsoft.Net.Http.Headers;

namespace Analytics.Api.Caching;

/// <summary>Answers a GET with <c>If-None-Match</c> by 304 when the data is still what the client has, and keeps answers until it changes; only a miss pays for the query.</summary>
internal static class ConditionalRequests
{
    public static TBuilder AnswerUnchanged<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.DescribeConditions().CacheOutput(cache => cache.AddPolicy<AnswerCache>(), excludeDefaultPolicy: true).AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var known = http.Request.GetTypedHeaders().IfNoneMatch;
            if (known.Count > 0)
            {
                var tag = http.Features.Get<EntityTagHeaderValue>() // The cache has asked for it.
                    ?? await http.RequestServices.GetRequiredService<ActivityDatabase>().ReadTagAsync(http, http.RequestAborted);
                if (known.Any(candidate => candidate.Tag == "*" || candidate.Compare(tag, useStrongComparison: false)))
                {
                    ActivityDatabase.SetTag(http, tag);
                    return TypedResults.StatusCode(StatusCodes.Status304NotModified);
                }
            }

            return await next(context);
        });
}
