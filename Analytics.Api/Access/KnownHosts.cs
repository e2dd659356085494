using System.Net;
using System.Net.NetworkInformation;
using Analytics.Api.Http;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Primitives;

namespace Analytics.Api.Access;

/// <summary>
/// Refuses requests under a host name that is not this service's: a page whose own name was pointed at this address (DNS rebinding) can read nothing.
/// Only names are compared, since a proxy in front, such as Aspire's, listens on a port of its own.
/// </summary>
internal static class KnownHosts
{
    private const string Setting = "AllowedHosts";

    /// <summary>Turns off ASP.NET's own host filter, which reads the same setting: its refusal is a page in HTML, and it knows no addresses.</summary>
    public static void Add(IServiceCollection services) => services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = ["*"]);

    public static IApplicationBuilder UseKnownHosts(this WebApplication app)
    {
        var known = Names(app.Configuration).Select(name => new StringSegment(new HostString(name).ToUriComponent())).ToArray();
        return known.Contains("*") ? app : app.Use((context, next) =>
        {
            var host = context.Request.Host;
            return host.HasValue && (HostString.MatchesAny(host.Value, known) || IsOwnAddress(host.Host, context.Connection.LocalIpAddress))
                ? next(context)
                : Problem.WriteAsync(
                    context, StatusCodes.Status400BadRequest, $"The request's Host is not a name of this service: the setting {Setting} adds names.");
        });
    }

    // Loopback, the machine's names, the addresses it listens on, and what the configuration adds.
    private static IEnumerable<string> Names(IConfiguration configuration)
    {
        var machine = IPGlobalProperties.GetIPGlobalProperties();
        return
        [
            "localhost", "*.localhost", "127.0.0.1", "[::1]",
            .. machine.HostName.Length > 0 ? [machine.HostName] : Array.Empty<string>(),
            .. machine is { HostName.Length: > 0, DomainName.Length: > 0 } ? [$"{machine.HostName}.{machine.DomainName}"] : Array.Empty<string>(),
            .. ListenAddresses.Of(configuration).Where(address => !IsEvery(address)).Select(address => address.Host),
            .. (configuration[Setting] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ];
    }

    private static bool IsEvery(BindingAddress address) => address.IsUnixPipe || address.IsNamedPipe || address.Host is "*" or "+" or "0.0.0.0" or "[::]";

    // A health probe asks by address, and no name can be pointed at what is no name.
    private static bool IsOwnAddress(string host, IPAddress? local) =>
        local is not null && IPAddress.TryParse(host, out var address) && address.Equals(local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local);
}
