using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Analytics.Api.Http;

/// <summary>Gives endpoints the ids of their addresses as they were meant: the server decodes a path but for %2F, which IRIs are full of.</summary>
internal static class RouteValues
{
    /// <summary>Between routing and the endpoints: decodes what stands where the route has a parameter, from the address as it was sent.</summary>
    public static IApplicationBuilder UseDecodedRouteValues(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        if (path.Contains("%2F", StringComparison.OrdinalIgnoreCase) && context.GetEndpoint() is RouteEndpoint { RoutePattern.PathSegments: var segments })
        {
            var sent = path.Trim('/').Split('/');
            foreach (var (index, segment) in segments.Index().Where(segment => sent.Length == segments.Count))
            {
                if (segment.Parts is [RoutePatternParameterPart parameter])
                {
                    context.Request.RouteValues[parameter.Name] = Uri.UnescapeDataString(sent[index]);
                }
            }
        }

        return next(context);
    });
}
