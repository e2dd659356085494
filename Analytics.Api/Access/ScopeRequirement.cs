using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Analytics.Api.Access;

/// <summary>The scope that an endpoint names; null where it names none.</summary>
internal sealed record ScopeRequirement(string? Scope) : IAuthorizationRequirement;

/// <summary>Lets in who has the scope, or needs no login. An endpoint that names no scope lets in nobody.</summary>
internal sealed class ScopeHandler(Login login) : AuthorizationHandler<ScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        var http = (HttpContext)context.Resource!;
        var mayAsk = requirement.Scope is { } scope
            ? !login.IsNeeded(http) || Has(context.User, scope)
            : http.GetEndpoint() is not RouteEndpoint; // No endpoint at all, or routing's own answer 405 or 415.
        if (mayAsk)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    // The claim is "scope" in RFC 9068, "scp" with others: one with spaces between, or several.
    private static bool Has(ClaimsPrincipal user, string scope) =>
        user.Claims
            .Where(claim => claim.Type is "scope" or "scp")
            .SelectMany(claim => claim.Value.Split(' '))
            .Any(granted => granted == scope || granted == Scopes.Admin);
}
