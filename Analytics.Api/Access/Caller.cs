using System.Net;
using System.Net.Sockets;
using System.Security.Claims;

namespace Analytics.Api.Access;

/// <summary>Who asks, for the audit log and the limit of requests.</summary>
internal static class Caller
{
    private const int Longest = 200;

    /// <summary>
    /// The name of a key; of a token the program that it was issued to and its own number, by which the issuer knows the person;
    /// else only whether a login was needed.
    /// </summary>
    public static string NameOf(HttpContext context) => context.User switch
    {
        { Identity: { IsAuthenticated: true, AuthenticationType: ApiKeyHandler.SchemeName, Name: var name } } => $"key {name}",
        { Identity.IsAuthenticated: true } token =>
            Printable($"token of {ClientOf(token) ?? "an unnamed client"}, jti {token.FindFirstValue("jti") ?? "none"}"),
        _ => context.RequestServices.GetRequiredService<Login>().IsNeeded(context) ? "nobody" : "this machine",
    };

    /// <summary>
    /// What requests are counted under: the key, the token's subject, else the address (of IPv6 the network of 64 bits, which is one customer's).
    /// </summary>
    public static string CountedAs(HttpContext context)
    {
        if (context.User is not { Identity.IsAuthenticated: true } user)
        {
            return $"address {NetworkOf(context.Connection.RemoteIpAddress)}";
        }

        return user.Identity.AuthenticationType == ApiKeyHandler.SchemeName
            ? $"key {user.Identity.Name}"
            : $"token {ClientOf(user)} {user.FindFirstValue("sub")}";
    }

    private static string? ClientOf(ClaimsPrincipal token) => token.FindFirstValue("client_id") ?? token.FindFirstValue("azp") ?? token.FindFirstValue("appid");

    private static string NetworkOf(IPAddress? address) => address switch
    {
        null => "none",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]).ToString(),
        _ => address.ToString(),
    };

    // What an issuer writes into a token goes into the log as one line.
    private static string Printable(string text) => string.Concat(text.Take(Longest).Select(letter => char.IsControl(letter) ? ' ' : letter));
}
