using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Native.Hosting;
using Npgsql;

/// <summary>Where Kafka and PostgreSQL come from.</summary>
internal enum Infrastructure
{
    /// <summary>A container runtime runs them.</summary>
    Containers,

    /// <summary>They are processes of this machine.</summary>
    Native,

    /// <summary>They run already, at the connection strings given.</summary>
    External,
}

/// <summary>
/// Adds the coordination server, Kafka and the database, each from where it is to come: a connection string wins, then what the command line
/// says, then what is there.
/// </summary>
internal static class InfrastructureChoice
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The server that a native Kafka registers with; null where Kafka comes from elsewhere and brings what it needs.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddZooKeeper(
        this IDistributedApplicationBuilder builder, Infrastructure infrastructure, StateFolder state, int port) =>
        From(builder, "kafka", infrastructure) != Infrastructure.Native ? null
            : IsGiven(builder, "zookeeper") ? builder.AddConnectionString("zookeeper")
            : builder.AddNativeZooKeeper("zookeeper", state.Folder("zookeeper"), port);

    public static IResourceBuilder<IResourceWithConnectionString> AddKafka(
        this IDistributedApplicationBuilder builder, Infrastructure infrastructure, StateFolder state, int port,
        IResourceBuilder<IResourceWithConnectionString>? zooKeeper) =>
        From(builder, "kafka", infrastructure) switch
        {
            Infrastructure.External => builder.AddConnectionString("kafka"),
            Infrastructure.Containers => builder.AddKafka("kafka", port).WithDataVolume(state.VolumeIfRunning(builder, "kafka")).WithKafkaUI(),
            _ => builder.AddNativeKafka("kafka", state.Folder("kafka"), port, zooKeeper),
        };

    public static IResourceBuilder<IResourceWithConnectionString> AddActivityDatabase(
        this IDistributedApplicationBuilder builder, Infrastructure infrastructure, StateFolder state) =>
        From(builder, "activity", infrastructure) switch
        {
            Infrastructure.External => builder.AddConnectionString("activity"),
            Infrastructure.Containers => builder.AddPostgres("postgres", password: builder.KeptPassword(state))
                .WithDataVolume(state.VolumeIfRunning(builder, "postgres")).WithPgAdmin().AddDatabase("activity"),
            _ => builder.AddNativePostgres("postgres", state.Folder("postgres")).AddDatabase("activity"),
        };

    /// <summary>The password of the data in the volume, which must outlive this run; a manifest says that one is to be made.</summary>
    private static IResourceBuilder<ParameterResource>? KeptPassword(this IDistributedApplicationBuilder builder, StateFolder state) =>
        builder.ExecutionContext.IsRunMode
            ? builder.AddParameter("postgres-password", PostgresCluster.PasswordIn(state.Folder("postgres")), secret: true)
            : null;

    /// <summary>A manifest has the names that Aspire gives, which are the same on every machine.</summary>
    private static string? VolumeIfRunning(this StateFolder state, IDistributedApplicationBuilder builder, string part) =>
        builder.ExecutionContext.IsRunMode ? state.Volume(part) : null;

    /// <summary>The server that a database is on; of one that runs elsewhere only the database is known.</summary>
    public static IResource Server(this IResourceBuilder<IResourceWithConnectionString> database) =>
        database.Resource is IResourceWithParent child ? child.Parent : database.Resource;

    /// <summary>Where a server is, as a person may see it: without user and password.</summary>
    public static async Task<string> AddressAsync(this IResourceBuilder<IResourceWithConnectionString> server, CancellationToken cancellationToken)
    {
        var connectionString = await server.Resource.ConnectionStringExpression.GetValueAsync(cancellationToken) ?? "";
        if (!connectionString.Contains('=', StringComparison.Ordinal))
        {
            return connectionString.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        }

        var postgres = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"{postgres.Host}:{postgres.Port}, database {postgres.Database}");
    }

    /// <summary>What to use where no connection string is given.</summary>
    /// <exception cref="WrongCallException">What was asked for can't be had here.</exception>
    public static async Task<Infrastructure> ChooseInfrastructureAsync(this IDistributedApplicationBuilder builder, Infrastructure? asked)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return Infrastructure.Containers;
        }

        var chosen = asked ?? (await RuntimeAnswersAsync("docker") || await RuntimeAnswersAsync("podman") ? Infrastructure.Containers : Infrastructure.Native);
        if (chosen == Infrastructure.Native && !IsGiven(builder, "activity"))
        {
            // Fetched now, if need be, so that a machine without PostgreSQL says so at once.
            await PostgresInstallation.FindAsync(Console.Error.WriteLine, CancellationToken.None);
        }

        return chosen;
    }

    private static Infrastructure From(IDistributedApplicationBuilder builder, string name, Infrastructure infrastructure)
    {
        if (IsGiven(builder, name))
        {
            return Infrastructure.External;
        }

        return infrastructure == Infrastructure.External
            ? throw new WrongCallException($"--infrastructure external needs a connection string for {name}: set ConnectionStrings__{name}.")
            : infrastructure;
    }

    private static bool IsGiven(IDistributedApplicationBuilder builder, string name) => !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(name));

    private static async Task<bool> RuntimeAnswersAsync(string runtime)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var asked = Process.Start(new ProcessStartInfo(runtime, ["version", "--format", "{{.Server.Version}}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            await asked.WaitForExitAsync(patience.Token);
            return asked.ExitCode == 0;
        }
        catch (Exception silent) when (silent is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return false;
        }
    }
}
