using System.Diagnostics;
using Npgsql;

namespace Native.Hosting;

/// <summary>
/// A PostgreSQL server for as long as this object lives, on a free port, with its data in a temporary folder: for tests and measurements.
/// It is gone afterwards even where the process that started it is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _password;
    private int _databases;

    private PostgresServer(Process process, int port, string password)
    {
        _process = process;
        Port = port;
        _password = password;
    }

    /// <summary>The TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts a server and waits until it answers. It does not wait for the disk: its data need not survive a power failure.</summary>
    /// <param name="cancellationToken">Gives up, and leaves nothing behind.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is missing or ended at once; the message is its last word.</exception>
    public static Task<PostgresServer> StartAsync(CancellationToken cancellationToken) => StartAsync(durable: false, cancellationToken);

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="durable">Whether it waits for the disk, as a server does whose data must survive a power failure: for measurements.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing behind.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is missing or ended at once; the message is its last word.</exception>
    public static async Task<PostgresServer> StartAsync(bool durable, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("postgres-").FullName;
        try
        {
            var password = PostgresCluster.PasswordIn(folder);
            var cluster = await PostgresCluster.PrepareAsync(folder, password, _ => { }, cancellationToken);
            var port = Ports.Free();
            var commandLine = cluster.CommandLine(port, disposable: folder, durable);
            var process = Process.Start(new ProcessStartInfo(commandLine[0], commandLine.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            var server = new PostgresServer(process, port, password);
            var lastWords = server.ReadLogAsync();
            try
            {
                await server.AnswersAsync(lastWords, cancellationToken);
                return server;
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
        catch when (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The connection string of a database of this server.</summary>
    /// <param name="database">The database's name.</param>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = PostgresCluster.UserName,
        Password = _password,
        Database = database,
    }.ConnectionString;

    /// <summary>Makes a database that nobody else uses.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="template">The connection string of the database that it is a copy of, which nobody may be connected to; null for an empty one.</param>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken, string? template = null)
    {
        var name = $"fresh_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var create = source.CreateCommand(
            template is null ? $"CREATE DATABASE {name}" : $"CREATE DATABASE {name} TEMPLATE {new NpgsqlConnectionStringBuilder(template).Database}");
        await create.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Stops the server (at once, whoever is connected) and removes its data.</summary>
    /// <returns>When both are gone.</returns>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }


    /// <summary>Reads the log, so that the server never waits for its reader, to its last line.</summary>
    private async Task<string> ReadLogAsync()
    {
        var last = "";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            last = line;
        }

        return last;
    }

    private async Task AnswersAsync(Task<string> lastWords, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        while (true)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException) when (!lastWords.IsCompleted)
            {
                await Task.Delay(20, cancellationToken);
            }
            catch (NpgsqlException)
            {
                throw new InvalidOperationException($"PostgreSQL ended at its start: {await lastWords}");
            }
        }
    }
}
