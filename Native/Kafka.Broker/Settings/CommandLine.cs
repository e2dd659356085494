using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace Kafka.Broker.Settings;

/// <summary>The command line of the broker.</summary>
internal static class CommandLine
{
    /// <summary>The command with its options; runs the action with what they say.</summary>
    public static RootCommand Create(Func<BrokerOptions, CancellationToken, Task<int>> run)
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder to keep topics in; made where there is none.", Required = true };
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "The address to listen on, HOST:PORT; port 0 takes a free one.",
            DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 9092),
            CustomParser = ParseListen,
        };
        var advertise = new Option<DnsEndPoint?>("--advertise")
        {
            Description = "HOST:PORT that clients are told to come to; the address listened on, if not given.",
            CustomParser = result => ParseHostAndPort(result) is var (host, port) ? new DnsEndPoint(host, port) : null,
        };
        var insecure = new Option<bool>("--insecure") { Description = "Listen on other addresses than loopback, although the broker has no login and no TLS." };
        var partitions = new Option<string>("--partitions") { Description = "Partitions of a topic that is made without a number (num.partitions, 4)." };
        var autoCreate = new Option<string>("--auto-create")
        {
            Description = "Whether a topic is made when a client asks for it (auto.create.topics.enable, true).",
        };
        var messageMaxBytes = new Option<string>("--message-max-bytes") { Description = "The largest record batch (message.max.bytes, 1048588)." };
        var set = new Option<string[]>("--set") { Description = "A property of the broker under Kafka's name, name=value; can be given again." };

        var command = new RootCommand("A durable broker that speaks Apache Kafka's protocol, until it is stopped.")
        {
            data, listen, advertise, insecure, partitions, autoCreate, messageMaxBytes, set,
        };
        command.SetAction((parsed, stopping) =>
        {
            var address = parsed.GetValue(listen)!;
            if (!IPAddress.IsLoopback(address.Address) && !parsed.GetValue(insecure))
            {
                throw new ArgumentException(
                    $"--listen {address} lets any machine that reaches it read and write, since the broker has no login; add --insecure if that is meant.");
            }

            var properties = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var assignment in parsed.GetValue(set) ?? [])
            {
                var equals = assignment.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                {
                    throw new ArgumentException($"--set '{assignment}' is not name=value.");
                }

                properties[assignment[..equals]] = assignment[(equals + 1)..];
            }

            foreach (var (option, property) in ((Option<string>, string)[])
                [(partitions, "num.partitions"), (autoCreate, "auto.create.topics.enable"), (messageMaxBytes, "message.max.bytes")])
            {
                if (parsed.GetValue(option) is { } value)
                {
                    properties[property] = value;
                }
            }

            var advertised = parsed.GetValue(advertise);
            var options = new BrokerOptions(properties)
            {
                DataFolder = parsed.GetValue(data)!.FullName,
                Listen = address,
                AdvertisedHost = advertised?.Host,
                AdvertisedPort = advertised?.Port ?? 0,
            };
            return run(options, stopping);
        });
        return command;
    }

    private static IPEndPoint? ParseListen(ArgumentResult result)
    {
        if (ParseHostAndPort(result) is not var (host, port))
        {
            return null;
        }

        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
        }

        result.AddError($"--listen '{result.Tokens[0].Value}' needs an IP address of this machine, such as 127.0.0.1.");
        return null;
    }

    private static (string Host, ushort Port)? ParseHostAndPort(ArgumentResult result)
    {
        var value = result.Tokens[0].Value;
        var colon = value.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return (value[..colon].Trim('[', ']'), port);
        }

        result.AddError($"'{value}' is not HOST:PORT.");
        return null;
    }
}
