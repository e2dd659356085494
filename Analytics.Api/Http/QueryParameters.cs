using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Http;

/// <summary>Marks an endpoint that takes query parameters beside those of its handler.</summary>
/// <param name="Names">Their names.</param>
internal sealed record FurtherParameters(params string[] Names);

/// <summary>Marks an endpoint to which parameters that others know say nothing.</summary>
/// <param name="Reasons">Why, by name: the end of a sentence.</param>
internal sealed record RefusedParameters(IReadOnlyDictionary<string, string> Reasons);

/// <summary>Marks an endpoint that takes one of its parameters several times.</summary>
internal sealed record RepeatedParameter(string Name);

/// <summary>Marks an endpoint that knows its query parameters only when it is asked: it refuses unknown ones itself.</summary>
internal sealed record ParametersOfItsOwn;

/// <summary>
/// Refuses query parameters that an endpoint does not know, any given twice or empty, and those that are not of their type: a mistyped filter must not answer
/// for everything.
/// </summary>
internal static class QueryParameters
{
    // By the type of a handler's parameter: whether a text is one of its values, and what it should be.
    private static readonly Dictionary<Type, (Func<string, bool> Accepts, string Expected)> Types = new()
    {
        [typeof(int)] = (text => int.TryParse(text, CultureInfo.InvariantCulture, out _), "a whole number is expected"),
        [typeof(long)] = (text => long.TryParse(text, CultureInfo.InvariantCulture, out _), "a whole number is expected"),
        [typeof(double)] = (text => double.TryParse(text, CultureInfo.InvariantCulture, out _), "a number is expected"),
        [typeof(bool)] = (text => bool.TryParse(text, out _), "true or false is expected"),
        [typeof(DateOnly)] = (text => DateOnly.TryParse(text, CultureInfo.InvariantCulture, out _), "a date as 2018-01-31 is expected"),
    };

    public static TBuilder RefuseUnknownParameters<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilterFactory((factory, next) =>
        {
            var named = factory.MethodInfo.GetParameters()
                .Where(parameter => parameter.IsDefined(typeof(FromQueryAttribute))).Select(parameter => parameter.Name!).ToArray();
            return context =>
            {
                var marks = context.HttpContext.GetEndpoint()?.Metadata;
                var further = marks?.GetOrderedMetadata<FurtherParameters>().SelectMany(parameters => parameters.Names) ?? [];
                var known = marks?.GetMetadata<ParametersOfItsOwn>() is null ? [.. named, .. further] : (string[])[.. context.HttpContext.Request.Query.Keys];
                return Complaint(
                    context.HttpContext.Request.Query, known, marks?.GetMetadata<RefusedParameters>(), marks?.GetMetadata<RepeatedParameter>()) is { } complaint
                    ? ValueTask.FromResult<object?>(Problem.Of(StatusCodes.Status400BadRequest, complaint))
                    : next(context);
            };
        });

    /// <summary>Leads a form's request to the address without the fields that were left empty, which is the one to keep.</summary>
    public static TBuilder LeaveOutEmptyParameters<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (context, next) =>
        {
            var request = context.HttpContext.Request;
            var given = request.Query.Where(parameter => !string.IsNullOrEmpty(parameter.Value)).ToArray();
            return given.Length == request.Query.Count ? await next(context) : TypedResults.LocalRedirect($"{request.Path}{QueryString.Create(given)}");
        });

    /// <summary>Finds out which parameter of an endpoint the framework could not read, and why; its own message is not for people.</summary>
    /// <returns>A sentence; null if every parameter can be read.</returns>
    public static string? UnreadableParameter(HttpRequest request, Endpoint? endpoint, RouteValueDictionary? routeValues)
    {
        foreach (var parameter in endpoint?.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
        {
            var text = parameter.IsDefined(typeof(FromQueryAttribute)) ? (string?)request.Query[parameter.Name!] : routeValues?[parameter.Name!] as string;
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (text is not null && Types.TryGetValue(type, out var known) && !known.Accepts(text))
            {
                return $"The parameter {parameter.Name} can't be \"{text}\": {known.Expected}.";
            }
        }

        return null;
    }

    private static string? Complaint(IQueryCollection query, string[] known, RefusedParameters? refused, RepeatedParameter? repeated)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                var suggestion = Nearest.Of(name, known) is { } nearest ? $" (did you mean {nearest}?)" : "";
                var all = known.Length == 0 ? "none is known" : $"known are {string.Join(", ", known)}";
                var reason = refused?.Reasons.FirstOrDefault(reason => reason.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
                return reason is { Key: { } word, Value: var why }
                    ? $"The parameter {word} says nothing here: {why}."
                    : $"The parameter \"{name}\" is unknown here{suggestion}; {all}.";
            }

            if (values.Count > 1 && !string.Equals(name, repeated?.Name, StringComparison.OrdinalIgnoreCase))
            {
                return $"The parameter \"{name}\" is given {values.Count} times; give it once.";
            }

            if (values.Any(string.IsNullOrWhiteSpace))
            {
                return $"The parameter \"{name}\" is empty; leave it out or give it a value.";
            }

            // PostgreSQL's text can't hold it.
            if (values.Any(value => value!.Contains('\0', StringComparison.Ordinal)))
            {
                return $"The parameter \"{name}\" holds the character NUL, which no name has.";
            }
        }

        return null;
    }
}
