using System.Globalization;

/// <summary>What the command line asks for; null where it is silent.</summary>
/// <param name="Infrastructure">Where Kafka and PostgreSQL come from.</param>
/// <param name="PortOffset">Added to every port.</param>
/// <param name="Data">The file to publish on start; "none" for no file.</param>
/// <param name="State">The folder of all state.</param>
internal sealed record CommandLine(Infrastructure? Infrastructure, int PortOffset, string? Data, string? State)
{
    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>.</summary>
    /// <exception cref="WrongCallException">An option is unknown, or its value is no value of it.</exception>
    public static CommandLine Parse(string[] args)
    {
        var commandLine = new CommandLine(null, 0, null, null);
        // `aspire publish` and `aspire deploy` bring options of Aspire's own.
        var asksAspire = args.Any(arg => arg.StartsWith("--operation", StringComparison.Ordinal) || arg.StartsWith("--publisher", StringComparison.Ordinal));
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var before, var after] ? (before, after) : (args[i], null);
            string Value() => value ?? (++i < args.Length ? args[i] : throw new WrongCallException($"{name} needs a value."));
            commandLine = name switch
            {
                "--infrastructure" => commandLine with { Infrastructure = InfrastructureOf(Value()) },
                "--port-offset" => commandLine with { PortOffset = OffsetOf(Value()) },
                "--data" => commandLine with { Data = Value() },
                "--state" => commandLine with { State = Path.GetFullPath(Value()) },
                _ when asksAspire => commandLine,
                _ => throw new WrongCallException(
                    $"Unknown option '{name}': there are --infrastructure containers|native|external, --data FILE|none, --port-offset N and --state DIR."),
            };
        }

        return commandLine;
    }

    /// <summary>The file to publish: the one asked for, else the repository's data set; null for none.</summary>
    /// <exception cref="WrongCallException">There is no such file.</exception>
    public string? DataFile(string repository)
    {
        if (Data == "none")
        {
            return null;
        }

        var file = Path.GetFullPath(Data ?? Path.Combine(repository, "data", "assessment-attempts.json.gz"));
        return File.Exists(file) ? file : throw new WrongCallException($"There is no file {file} to publish: give another with --data FILE, or --data none.");
    }

    private static Infrastructure InfrastructureOf(string value) => value switch
    {
        "containers" => global::Infrastructure.Containers,
        "native" => global::Infrastructure.Native,
        "external" => global::Infrastructure.External,
        _ => throw new WrongCallException($"--infrastructure is containers, native or external, not '{value}'."),
    };

    // The highest port without an offset is 18889.
    private static int OffsetOf(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset) && offset is > -5000 and < 46000
            ? offset
            : throw new WrongCallException($"--port-offset is a number between -5000 and 46000, not '{value}'.");
}
