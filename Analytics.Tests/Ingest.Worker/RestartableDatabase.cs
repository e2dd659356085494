using System.Diagnostics;
using Native.Hosting;
using Npgsql;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A PostgreSQL server that a test kills and starts again on the same data.</summary>
internal sealed class RestartableDatabase : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _password;
    private readonly int _port = FreePort();
    private Process? _server;

    private RestartableDatabase(string folder)
    {
        (_folder, _password) = (folder, PostgresCluster.PasswordIn(folder));
        ConnectionString = $"Host=127.0.0.1;Port={_port};Username={PostgresCluster.UserName};Password={_password};Database=postgres";
    }

    public string ConnectionString { get; }

    public static async Task<RestartableDatabase> StartAsync(string folder)
    {
        var database = new RestartableDatabase(folder);
        await database.StartAsync();
        return database;
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var cluster = await PostgresCluster.PrepareAsync(_folder, _password, _ => { }, Deadline.Token);
        var commandLine = cluster.CommandLine(_port);
        _server = Process.Start(new ProcessStartInfo(commandLine[0], commandLine.Skip(1)) { RedirectStandardInput = true, RedirectStandardError = true })!;
        _server.BeginErrorReadLine();
        var deadline = Deadline.Token;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
                await connection.OpenAsync(deadline);
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50, deadline);
            }
        }
    }

    /// <summary>kill -9, with all that belongs to it.</summary>
    public async Task KillAsync()
    {
        _server!.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync(Deadline.Token);
        _server.Dispose();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await KillAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
