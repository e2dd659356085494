using System.Net;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Access;

/// <summary>Whether who asks has to say who that is. Without a login configured nobody has to, and then the API listens on loopback addresses only.</summary>
internal sealed class Login(IOptions<AccessOptions> options, IConfiguration configuration)
{
    /// <summary>ASP.NET's own section for JWT bearer tokens.</summary>
    public const string TokenSection = "Authentication:Schemes:Bearer";

    // A proxy adds one of these at least, if it is set up to say for whom it asks.
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    public bool IsConfigured { get; } = options.Value.ApiKeys || TakesTokens(configuration);

    public static bool TakesTokens(IConfiguration configuration) => configuration.GetSection(TokenSection).Exists();

    public bool IsNeeded(HttpContext context) => IsConfigured && !(options.Value.LoopbackWithoutLogin && IsFromThisMachine(context));

    private static bool IsFromThisMachine(HttpContext context) =>
        IsLoopback(context.Connection.RemoteIpAddress) && IsLoopback(context.Connection.LocalIpAddress)
        && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);
}
