using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Analytics.Api.Http;

/// <summary>Examples in the OpenAPI document, written by the serializer that writes the answers, so that they obey the same schema.</summary>
internal static class OpenApiExamples
{
    public static RouteHandlerBuilder WithExample<T>(this RouteHandlerBuilder endpoint, T example, JsonTypeInfo<T> json) =>
        endpoint.Produces<T>().AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?["200"].Content?.TryGetValue("application/json", out var content) is true)
            {
                content.Example = JsonSerializer.SerializeToNode(example, json);
            }

            return Task.CompletedTask;
        });
}
