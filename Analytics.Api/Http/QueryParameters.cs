using System.Reflection;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Http;

/// <summary>Refuses query parameters that an endpoint does not know, and any given twice or empty: a mistyped filter must not answer for everything.</summary>
internal static class QueryParameters
{
    public static TBuilder RefuseUnknownParameters<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilterFactory((factory, next) =>
        {
            var named = factory.MethodInfo.GetParameters().SelectMany(NamesOf).ToArray();
            string[] shaped = [.. named, "format"];
            return context => Complaint(context.HttpContext.Request.Query, IsShaped(context.HttpContext) ? shaped : named) is { } complaint
                ? ValueTask.FromResult<object?>(Problem.Of(StatusCodes.Status400BadRequest, complaint))
                : next(context);
        });

    private static bool IsShaped(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ShapedAnswer>() is not null;

    private static IEnumerable<string> NamesOf(ParameterInfo parameter) =>
        parameter.IsDefined(typeof(AsParametersAttribute))
            ? parameter.ParameterType.GetProperties().SelectMany(property => NameOf(property, property.Name))
            : NameOf(parameter, parameter.Name!);

    private static IEnumerable<string> NameOf(ICustomAttributeProvider source, string name) =>
        source.GetCustomAttributes(typeof(FromQueryAttribute), true) is [FromQueryAttribute query, ..] ? [query.Name ?? name] : [];

    private static string? Complaint(IQueryCollection query, string[] known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return $"The parameter \"{name}\" is unknown here; {(known.Length == 0 ? "none is known" : $"known are {string.Join(", ", known)}")}.";
            }

            if (values.Count > 1)
            {
                return $"The parameter \"{name}\" is given {values.Count} times; give it once.";
            }

            if (string.IsNullOrWhiteSpace(values[0]))
            {
                return $"The parameter \"{name}\" is empty; leave it out or give it a value.";
            }

            // PostgreSQL's text can't hold it.
            if (values[0]!.Contains('\0', StringComparison.Ordinal))
            {
                return $"The parameter \"{name}\" holds the character NUL, which no name has.";
            }
        }

        return null;
    }
}
