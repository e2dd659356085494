using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Analytics.Api.Access;

/// <summary>
/// Refuses bodies of types that an endpoint does not take; those that any page may send without being asked (forms, plain text, none) are among them.
/// </summary>
internal static class ContentTypes
{
    public static RouteHandlerBuilder RefuseOtherContentTypes(this RouteHandlerBuilder endpoint, params string[] taken)
    {
        var detail = $"A body comes here as {string.Join(" or ", taken)}: say so in Content-Type.";
        return endpoint.ProducesProblem(StatusCodes.Status415UnsupportedMediaType).AddEndpointFilter((context, next) =>
        {
            var request = context.HttpContext.Request;
            var hasBody = context.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not false && request.ContentLength is not 0;
            var isTaken = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
                && taken.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase);
            return hasBody && !isTaken
                ? ValueTask.FromResult<object?>(Problem.Of(StatusCodes.Status415UnsupportedMediaType, detail))
                : next(context);
        });
    }
}
