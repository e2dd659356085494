using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;

namespace ZooKeeper.Settings;

/// <summary>The command line of the server.</summary>
internal static class CommandLine
{
    /// <summary>The command with its options; runs the action with what they say.</summary>
    public static RootCommand Create(ILogger log, Func<ZooKeeperOptions, CancellationToken, Task<int>> run)
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder to keep the data in; made where there is none.", Required = true };
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "The address to listen on, HOST:PORT; port 0 takes a free one.",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 2181),
            CustomParser = ParseAddress,
        };
        var admin = new Option<IPEndPoint?>("--admin")
        {
            Description = "Where to serve the admin page over HTTP, HOST:PORT; nowhere, if not given.",
            CustomParser = ParseAddress,
        };
        var insecure = new Option<bool>("--insecure") { Description = "Listen on other addresses than loopback, although the server has no TLS." };
        var set = new Option<string[]>("--set") { Description = "A setting under ZooKeeper's name, name=value; can be given again." };

        var command = new RootCommand("A durable coordination server that speaks ZooKeeper's protocol, until it is stopped.")
        {
            data, listen, admin, insecure, set,
        };
        command.SetAction((parsed, stopping) =>
        {
            foreach (var address in (IPEndPoint?[])[parsed.GetValue(listen), parsed.GetValue(admin)])
            {
                if (address is not null && !IPAddress.IsLoopback(address.Address) && !parsed.GetValue(insecure))
                {
                    throw new ArgumentException(
                        $"{address} lets any machine that reaches it read and write, since the server has no TLS; add --insecure if that is meant.");
                }
            }

            var settings = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var assignment in parsed.GetValue(set) ?? [])
            {
                var equals = assignment.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                {
                    throw new ArgumentException($"--set '{assignment}' is not name=value.");
                }

                settings[assignment[..equals]] = assignment[(equals + 1)..];
            }

            var options = new ZooKeeperOptions(settings)
            {
                DataFolder = parsed.GetValue(data)!.FullName,
                Listen = parsed.GetValue(listen)!,
                Admin = parsed.GetValue(admin),
                Logger = log,
            };
            return run(options, stopping);
        });
        return command;
    }

    private static IPEndPoint? ParseAddress(ArgumentResult result)
    {
        var value = result.Tokens[0].Value;
        var colon = value.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            result.AddError($"'{value}' is not HOST:PORT.");
            return null;
        }

        var host = value[..colon].Trim('[', ']');
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
        }

        result.AddError($"'{value}' needs an IP address of this machine, such as 127.0.0.1.");
        return null;
    }
}
