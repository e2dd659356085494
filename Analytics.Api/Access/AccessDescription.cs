using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Analytics.Api.Access;

/// <summary>What the OpenAPI document says about logins: the schemes, the scope that each operation needs, and the refusals.</summary>
internal static class AccessDescription
{
    private const string Bearer = "bearer";
    private const string Basic = "basic";

    private static readonly Dictionary<string, string> Refusals = new()
    {
        ["401"] = "A login is configured, and no key or token that is good was sent.",
        ["403"] = "The key or token has not the scope that this needs, or a page of another origin tries to write.",
        ["429"] = "More requests a minute than a key or address may make; Retry-After says when to come back.",
    };

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description =
                        "A key made by `keys add`, or a token of the configured OpenID Connect issuer. Where no login is configured, "
                        + "which is only so on a loopback address, nothing is needed. Scopes: read, sql, write, and admin, which is all of them.",
                },
                [Basic] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "basic",
                    Description = "For browsers: a key as the password, under any name.",
                },
            };
            return Task.CompletedTask;
        });

        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy is not { } scope)
            {
                return Task.CompletedTask;
            }

            operation.Security = [Requirement(Bearer), Requirement(Basic), []];
            operation.Responses ??= [];
            var problem = operation.Responses.TryGetValue("400", out var bad) ? bad.Content : null;
            foreach (var (status, description) in Refusals)
            {
                operation.Responses[status] = new OpenApiResponse { Description = description, Content = problem?.ToDictionary() };
            }

            return Task.CompletedTask;

            OpenApiSecurityRequirement Requirement(string scheme) => new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [scope] };
        });
    }
}
