using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Access;

/// <summary>Who may ask: hosts, origins, logins, scopes, limits, and the log of it.</summary>
internal static partial class AccessSetup
{
    private const string Default = "Login";

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessValidation>();
        services.AddSingleton<Login>();
        services.AddSingleton<ApiKeys>();
        AddLogins(builder);
        AddScopes(services);
        KnownHosts.Add(services);
        ForeignOrigins.Add(services);
        RequestLimits.Add(services);
        services.Configure<OpenApiOptions>("v1", AccessDescription.Describe);
    }

    /// <summary>Belongs after routing, which says what an endpoint asks for, and before all that answers, kept answers included.</summary>
    public static void UseAccess(this WebApplication app)
    {
        WarnOfPlainText(app);
        app.UseCors();
        app.UseAuthentication();
        app.UseAudit();
        app.UseRateLimiter();
        app.RefuseForeignWrites();
        app.UseAuthorization();
    }

    private static void AddLogins(WebApplicationBuilder builder)
    {
        var keys = bool.TryParse(builder.Configuration[$"{AccessOptions.Section}:{nameof(AccessOptions.ApiKeys)}"], out var taken) && taken;
        var tokens = Login.TakesTokens(builder.Configuration);
        // The core only: the rest brings data protection, whose keys in the user's folder nothing here needs.
        builder.Services.AddAuthenticationCore(logins => logins.DefaultScheme = keys || tokens ? Default : null);
        builder.Services.AddWebEncoders();
        if (!keys && !tokens)
        {
            return;
        }

        var logins = tokens ? builder.Services.AddAuthentication() : new AuthenticationBuilder(builder.Services);
        logins.AddPolicyScheme(Default, displayName: null, chosen => chosen.ForwardDefaultSelector = context =>
            keys && (!tokens || !SendsToken(context.Request)) ? ApiKeyHandler.SchemeName : JwtBearerDefaults.AuthenticationScheme);
        if (keys)
        {
            logins.AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, configureOptions: null);
        }

        if (tokens)
        {
            logins.AddJwtBearer(bearer => bearer.MapInboundClaims = false);
        }
    }

    // A JSON Web Token has two dots (RFC 7519), a key has none.
    private static bool SendsToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Contains('.', StringComparison.Ordinal);
    }

    private static void AddScopes(IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationHandler, ScopeHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Refusals>();
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new ScopeRequirement(Scope: null)).Build());
        foreach (var scope in Scopes.All)
        {
            authorization.AddPolicy(scope, policy => policy.AddRequirements(new ScopeRequirement(scope)));
        }
    }

    private static void WarnOfPlainText(WebApplication app)
    {
        foreach (var address in ListenAddresses.Of(app.Configuration).Where(address => !address.IsLoopback() && address.Scheme == "http"))
        {
            LogPlainText(app.Logger, address.ToString());
        }
    }

    [LoggerMessage(121, LogLevel.Warning, "Keys and answers cross the network in plain text at {Address}, unless something in front of it ends TLS")]
    private static partial void LogPlainText(ILogger logger, string address);
}
