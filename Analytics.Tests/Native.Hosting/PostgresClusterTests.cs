using System.Diagnostics;
using System.Globalization;
using Native.Hosting;
using Npgsql;

namespace Analytics.Tests.Native.Hosting;

/// <summary>The life of a data folder: made once, served again, and recovered from whatever happened to its server.</summary>
public sealed class PostgresClusterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _started = [];
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_data_is_there_when_it_is_served_again()
    {
        var (server, connectionString) = await ServeAsync();
        await ExecuteAsync(connectionString, "CREATE TABLE kept AS SELECT 42 AS answer");
        await StopAsync(server);

        (_, connectionString) = await ServeAsync();

        Assert.Equal(42, await AskAsync(connectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task A_killed_server_comes_back_with_everything_committed()
    {
        var (server, connectionString) = await ServeAsync();
        await ExecuteAsync(connectionString, "CREATE TABLE kept AS SELECT 42 AS answer");

        Process.GetProcessById(PostmasterId()).Kill();
        await server.WaitForExitAsync(_cancellation);
        Assert.NotEqual(0, server.ExitCode);

        (_, connectionString) = await ServeAsync();
        Assert.Equal(42, await AskAsync(connectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task A_server_whose_orchestrator_was_killed_makes_room_for_the_next()
    {
        var (script, connectionString) = await ServeAsync();
        await ExecuteAsync(connectionString, "CREATE TABLE kept AS SELECT 42 AS answer");

        script.Kill();
        await script.WaitForExitAsync(_cancellation);

        (_, connectionString) = await ServeAsync();
        Assert.Equal(42, await AskAsync(connectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task A_stale_lock_file_that_names_a_living_stranger_is_in_nobodys_way()
    {
        var (server, _) = await ServeAsync();
        await StopAsync(server);
        var stranger = Start(["sleep", "1000"]);
        await File.WriteAllTextAsync(LockFile(), $"{stranger.Id}\n{DataFolder()}\n", _cancellation);

        var (_, connectionString) = await ServeAsync();

        Assert.Equal(1, await AskAsync(connectionString, "SELECT 1"));
        Assert.False(stranger.HasExited);
    }

    [Fact]
    public async Task Sigterm_stops_it_at_once_though_someone_is_connected()
    {
        var (server, connectionString) = await ServeAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(_cancellation);

        // PostgreSQL's own SIGTERM would wait for the client.
        await StopAsync(server);

        Assert.Equal(0, server.ExitCode);
        Assert.False(File.Exists(LockFile()));
    }

    [Fact]
    public async Task It_asks_for_the_password_and_keeps_checksums_and_UTF8()
    {
        var (_, connectionString) = await ServeAsync();
        var wrong = new NpgsqlConnectionStringBuilder(connectionString) { Password = "guessed" }.ConnectionString;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        Assert.Equal("on", await AskAsync(connectionString, "SHOW data_checksums"));
        Assert.Equal("UTF8", await AskAsync(connectionString, "SHOW server_encoding"));
    }

    [Fact]
    public async Task A_lost_password_is_one_sentence()
    {
        await PrepareAsync();
        File.Delete(_folder.In("password"));

        var lost = Assert.Throws<InvalidOperationException>(() => PostgresCluster.PasswordIn(_folder.Path));

        Assert.Contains("restore the file", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposable_server_ends_with_its_caller_and_takes_its_folder_along()
    {
        var folder = Directory.CreateTempSubdirectory("disposable-").FullName;
        var cluster = await PostgresCluster.PrepareAsync(folder, PostgresCluster.PasswordIn(folder), _ => { }, _cancellation);
        var server = Start(cluster.CommandLine(Ports.Free(), disposable: folder));

        // The death of a process closes the pipes that it held.
        server.StandardInput.Close();
        await server.WaitForExitAsync(_cancellation);

        Assert.False(Directory.Exists(folder));
    }

    public void Dispose()
    {
        foreach (var process in _started.Where(process => !process.HasExited))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        _started.ForEach(process => process.Dispose());
        _folder.Dispose();
    }

    private Task<PostgresCluster> PrepareAsync() =>
        PostgresCluster.PrepareAsync(_folder.Path, PostgresCluster.PasswordIn(_folder.Path), _ => { }, _cancellation);

    private async Task<(Process Server, string ConnectionString)> ServeAsync()
    {
        var cluster = await PrepareAsync();
        var port = Ports.Free();
        var server = Start(cluster.CommandLine(port));
        while (await server.StandardError.ReadLineAsync(_cancellation) is { } line)
        {
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                _ = server.StandardError.ReadToEndAsync(_cancellation);
                return (server,
                    $"Host=127.0.0.1;Port={port};Username=postgres;Password={PostgresCluster.PasswordIn(_folder.Path)};Database=postgres;Pooling=false");
            }
        }

        throw new InvalidOperationException("The server ended at its start.");
    }

    private Process Start(IReadOnlyList<string> commandLine)
    {
        var process = Process.Start(new ProcessStartInfo(commandLine[0], commandLine.Skip(1)) { RedirectStandardInput = true, RedirectStandardError = true })!;
        _started.Add(process);
        return process;
    }

    private async Task StopAsync(Process server)
    {
        using var kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(_cancellation);
        await server.WaitForExitAsync(_cancellation);
    }

    private string DataFolder() => Directory.EnumerateDirectories(_folder.Path).Single();

    private string LockFile() => Path.Combine(DataFolder(), "postmaster.pid");

    private int PostmasterId() => int.Parse(File.ReadLines(LockFile()).First(), CultureInfo.InvariantCulture);

    private async Task ExecuteAsync(string connectionString, string sql) => await AskAsync(connectionString, sql);

    private async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(_cancellation);
    }
}
