using System.Net;

namespace Analytics.Api.Access;

/// <summary>The addresses on which Kestrel will listen, read from the configuration as it reads them, before it does.</summary>
internal static class ListenAddresses
{
    private const string Default = "http://localhost:5000";

    /// <summary>Endpoints of the section <c>Kestrel</c> come before <c>urls</c>, those before <c>http_ports</c> and <c>https_ports</c>.</summary>
    /// <exception cref="FormatException">One is no address; the message is a sentence.</exception>
    public static IReadOnlyList<BindingAddress> Of(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "").ToArray();
        string[] ports =
        [
            .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
            .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
        ];
        var chosen = endpoints.Length > 0 && !(urls.Length > 0 && configuration.GetValue<bool>(WebHostDefaults.PreferHostingUrlsKey)) ? endpoints
            : urls.Length > 0 ? urls
            : ports.Length > 0 ? ports
            : [Default];
        return [.. chosen.Select(Parse)];
    }

    /// <summary>Whether nobody outside this machine can reach it. Kestrel takes a name other than localhost as every address of the machine.</summary>
    public static bool IsLoopback(this BindingAddress address) =>
        address.IsUnixPipe || address.IsNamedPipe || IsLoopbackName(address.Host) || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static BindingAddress Parse(string address)
    {
        try
        {
            return BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            throw new FormatException($"\"{address}\" is no address to listen on: give one as http://localhost:5180.");
        }
    }
}
