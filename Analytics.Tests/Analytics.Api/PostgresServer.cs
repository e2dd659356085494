using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Assessments;
using Npgsql;

namespace Analytics.Tests.Analytics.Api;

/// <summary>A PostgreSQL server of the tests' own, in a temporary folder.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("activity-postgres-").FullName;
    private readonly int _port = FreePort();
    private Process? _server;

    private static string Binaries => Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => $"{version}/bin").First();

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database}";

    public async ValueTask InitializeAsync()
    {
        using (var initdb = Run($"{Binaries}/initdb", "-D", $"{_folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"))
        {
            await initdb.WaitForExitAsync();
        }

        Start();
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await WaitUntilItAnswersAsync(source);
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(bool withSchema = true)
    {
        var name = $"t{Guid.NewGuid():N}";
        await using (var source = NpgsqlDataSource.Create(ConnectionString("postgres")))
        await using (var create = source.CreateCommand($"create database {name}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        if (withSchema)
        {
            await DatabaseSchema.MigrateAsync(ConnectionString(name));
        }

        return ConnectionString(name);
    }

    /// <summary>Kills the server as a power cut would.</summary>
    public async Task KillAsync()
    {
        _server!.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _server!.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Start() =>
        _server = Run($"{Binaries}/postgres", "-D", $"{_folder}/data", "-p", $"{_port}", "-h", "127.0.0.1", "-k", _folder, "-c", "fsync=off");

    private static async Task WaitUntilItAnswersAsync(NpgsqlDataSource source)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(patience.Token);
                return;
            }
            catch (NpgsqlException)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    // PostgreSQL refuses to run as root; a user namespace makes it somebody else.
    private static Process Run(string program, params string[] arguments)
    {
        string[] namespaced = Environment.UserName == "root" ? ["unshare", "--user", "--map-user=1000", "--map-group=1000", program] : [program];
        var start = new ProcessStartInfo(namespaced[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in namespaced.Skip(1).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
