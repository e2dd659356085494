using System.CommandLine;
using System.Globalization;

/// <summary>What the command line asks for; null where it is silent.</summary>
/// <param name="Infrastructure">Where Kafka and PostgreSQL come from.</param>
/// <param name="Coordination">Whether a ZooKeeper runs that Kafka registers with.</param>
/// <param name="PortOffset">Added to every port.</param>
/// <param name="Data">The file to publish on start; "none" for no file.</param>
/// <param name="State">The folder of all state.</param>
/// <param name="Workers">How many workers share the topic's partitions.</param>
/// <param name="Apis">How many APIs share the address.</param>
internal sealed record CommandLine(
    Infrastructure? Infrastructure, bool Coordination, int PortOffset, string? Data, string? State, int Workers, int Apis)
{
    private const int MostReplicas = 32;

    /// <summary>Reads the command line and runs what it asks for.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">Told what they mean; its exit code is returned.</param>
    /// <returns>The exit code: 2 for an option that is unknown or whose value is none of its values, which standard error says in one sentence.</returns>
    public static async Task<int> RunAsync(string[] args, Func<CommandLine, Task<int>> run)
    {
        var infrastructure = new Option<string?>("--infrastructure")
        {
            Description = "Where Kafka and PostgreSQL come from; else what is there.",
            HelpName = "containers|native|external",
        };
        var coordination = new Option<string>("--coordination")
        {
            Description = "The server that a native Kafka registers with.",
            HelpName = "zookeeper|none",
            DefaultValueFactory = _ => "zookeeper",
        };
        var portOffset = new Option<int>("--port-offset") { Description = "Added to every port.", HelpName = "N" };
        var data = new Option<string?>("--data")
        {
            Description = "The file of events to publish on start; else the data set of the repository.",
            HelpName = "FILE|none",
        };
        var state = new Option<string?>("--state") { Description = "The folder of all state; else .aspire in the repository.", HelpName = "DIR" };
        var workers = new Option<int>("--workers")
        {
            Description = "How many workers share the topic's partitions.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var apis = new Option<int>("--apis") { Description = "How many APIs answer at the one address.", HelpName = "N", DefaultValueFactory = _ => 1 };

        coordination.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("zookeeper" or "none") } token])
            {
                result.AddError($"--coordination is zookeeper or none, not '{token.Value}'.");
            }
        });
        infrastructure.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Enum.GetNames<Infrastructure>().Contains(token.Value, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"--infrastructure is containers, native or external, not '{token.Value}'.");
            }
        });
        // The ports without an offset are 2181 to 18889.
        Bound(portOffset, -2000, 46000);
        Bound(workers, 1, MostReplicas);
        Bound(apis, 1, MostReplicas);

        var root = new RootCommand("Runs the whole application: Kafka, PostgreSQL, the workers, the APIs and Aspire's dashboard.")
        {
            infrastructure, coordination, portOffset, data, state, workers, apis,
        };
        // `aspire publish` and the like bring options of Aspire's own.
        root.TreatUnmatchedTokensAsErrors = !args.Any(
            arg => arg.StartsWith("--operation", StringComparison.Ordinal) || arg.StartsWith("--publisher", StringComparison.Ordinal));
        root.SetAction((parsed, _) => run(new CommandLine(
            parsed.GetValue(infrastructure) is { } name ? Enum.Parse<Infrastructure>(name, ignoreCase: true) : null,
            parsed.GetValue(coordination) == "zookeeper",
            parsed.GetValue(portOffset),
            parsed.GetValue(data),
            parsed.GetValue(state) is { } folder ? Path.GetFullPath(folder) : null,
            parsed.GetValue(workers),
            parsed.GetValue(apis))));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{parsed.Errors[0].Message} See --help.");
            return 2;
        }

        // Aspire itself listens for Ctrl+C.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
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

    private static void Bound(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token]
            && !(int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is a number between {least} and {most}, not '{token.Value}'."));
        }
    });
}
