using Analytics.Api.Http;
using Microsoft.OpenApi;

namespace Analytics.Api.Filters;

/// <summary>Tells which filters an endpoint takes. Each takes all, or says why not: no filter is passed over in silence.</summary>
internal static class FilterEndpoints
{
    /// <summary>For endpoints whose handlers have a parameter of type <see cref="Filter"/>.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="except">Filters that say nothing here, each with the reason, the end of a sentence.</param>
    public static TBuilder TakesFilter<TBuilder>(this TBuilder endpoints, params (string Name, string Why)[] except) where TBuilder : IEndpointConventionBuilder
    {
        var taken = FilterWords.All.Where(word => !except.Any(refused => refused.Name == word.Name)).ToArray();
        return endpoints
            .WithMetadata(
                new FurtherParameters([.. taken.Select(word => word.Name)]),
                new RefusedParameters(except.ToDictionary(refused => refused.Name, refused => refused.Why)))
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.Parameters ??= [];
                foreach (var word in taken)
                {
                    operation.Parameters.Add(
                        new OpenApiParameter { Name = word.Name, In = ParameterLocation.Query, Description = word.Description, Schema = word.Schema() });
                }

                return Task.CompletedTask;
            });
    }

    /// <summary>For endpoints that are not about attempts.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="why">Why no filter says anything here, the end of a sentence.</param>
    public static TBuilder TakesNoFilter<TBuilder>(this TBuilder endpoints, string why) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RefusedParameters(FilterWords.All.ToDictionary(word => word.Name, _ => why)));
}
