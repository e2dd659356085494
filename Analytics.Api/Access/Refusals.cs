using Analytics.Api.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Analytics.Api.Access;

/// <summary>Says to those who may not ask why, and what to do.</summary>
internal sealed class Refusals : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        if (policy.Requirements.OfType<ScopeRequirement>().FirstOrDefault(requirement => requirement.Scope is not null) is not { Scope: { } scope })
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status403Forbidden, "This address names no scope, which is a fault of this service: it is closed to all.");
        }
        else if (authorizeResult.Challenged)
        {
            await context.ChallengeAsync(); // Sets WWW-Authenticate.
            var failure = (await context.AuthenticateAsync()).Failure;
            await Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, failure switch
            {
                null => "This address needs a login: send a key or a token as Authorization: Bearer ….",
                AuthenticationFailureException { Message: var complaint } => complaint,
                _ => "The token is not valid: the header WWW-Authenticate says why.",
            });
        }
        else
        {
            await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, $"This address needs the scope {scope}, which the key or token sent has not.");
        }
    }
}
