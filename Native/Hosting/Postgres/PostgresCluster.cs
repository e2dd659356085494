using System.Globalization;
using System.Security.Cryptography;

namespace Native.Hosting;

/// <summary>
/// A data folder ("cluster", in PostgreSQL's words) with the programs that serve it: made once, made ready before each start.
/// It listens on loopback only, with no Unix socket, and asks everyone for the password (SCRAM-SHA-256).
/// </summary>
public sealed class PostgresCluster
{
    private readonly PostgresInstallation _installation;
    private readonly Unprivileged _user;

    private PostgresCluster(PostgresInstallation installation, Unprivileged user, string dataFolder)
    {
        _installation = installation;
        _user = user;
        DataFolder = dataFolder;
    }

    /// <summary>The one superuser's name.</summary>
    public const string UserName = "postgres";

    /// <summary>Where the data is.</summary>
    public string DataFolder { get; }

    /// <summary>
    /// Finds PostgreSQL and makes the data folder ready to be served: <c>initdb</c> where there is none, and what a killed server left behind is cleared.
    /// </summary>
    /// <param name="folder">Holds one data folder for each major version of PostgreSQL.</param>
    /// <param name="password">The superuser's password, which a new cluster gets.</param>
    /// <param name="say">Told one line about what takes long.</param>
    /// <param name="cancellationToken">Ends it; a cluster half made is removed.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL is missing or can't make the cluster; the message is one sentence.</exception>
    public static async Task<PostgresCluster> PrepareAsync(string folder, string password, Action<string> say, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(say);
        var installation = await PostgresInstallation.FindAsync(say, cancellationToken);
        var user = await Unprivileged.FindAsync(cancellationToken);
        var data = Path.Combine(Path.GetFullPath(folder), installation.Major.ToString(CultureInfo.InvariantCulture));
        var cluster = new PostgresCluster(installation, user, data);
        if (Directory.Exists(data))
        {
            await LeftBehind.ClearAsync(data, cancellationToken);
        }
        else
        {
            say($"Making PostgreSQL {installation.Major}'s data folder {data}.");
            await cluster.InitializeAsync(password, cancellationToken);
        }

        return cluster;
    }

    /// <summary>The password kept in a file that only its owner can read; made where there is none.</summary>
    /// <param name="folder">The folder of the clusters that it belongs to.</param>
    /// <exception cref="InvalidOperationException">There are clusters, and the password that they were made with is gone.</exception>
    public static string PasswordIn(string folder)
    {
        var file = Path.Combine(folder, "password");
        if (File.Exists(file))
        {
            return File.ReadAllText(file).Trim();
        }

        var inside = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 };
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "PG_VERSION", inside).Any())
        {
            throw new InvalidOperationException(
                $"{file} is missing, and the data beside it was made with that password: restore the file, or delete {folder} to start over.");
        }

        Directory.CreateDirectory(folder);
        var password = RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 24);
        WriteSecret(file, password);
        return password;
    }

    /// <summary>The whole command line that serves the data until SIGTERM or SIGINT, which stop it at once (a fast shutdown).</summary>
    /// <param name="port">The TCP port on 127.0.0.1.</param>
    /// <param name="disposable">
    /// A folder to remove at the end; the server then also stops when its standard input closes.
    /// </param>
    /// <param name="durable">Whether what is committed must survive a power failure.</param>
    public IReadOnlyList<string> CommandLine(int port, string? disposable = null, bool durable = true) =>
    [
        .. _user.Prefix,
        "sh", Path.Combine(AppContext.BaseDirectory, "run-postgres.sh"),
        .. disposable is null ? (string[])[] : ["--disposable", disposable],
        Path.Combine(_installation.Bin, "postgres"),
        "-D", DataFolder,
        .. Settings(port, durable).SelectMany(setting => (string[])["-c", setting]),
    ];

    private static IEnumerable<string> Settings(int port, bool durable) =>
    [
        $"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=256MB",
        "max_wal_size=2GB",
        "checkpoint_timeout=10min",
        "checkpoint_completion_target=0.9",
        "wal_compression=on",
        "jit=off",
        "timezone=UTC",
        "log_timezone=UTC",
        "logging_collector=off",
        "log_destination=stderr",
        $"fsync={(durable ? "on" : "off")}",
        $"synchronous_commit={(durable ? "on" : "off")}",
        $"full_page_writes={(durable ? "on" : "off")}",
        // It would visit each of the hundreds of databases that tests make once a minute, for nothing.
        $"autovacuum={(durable ? "on" : "off")}",
    ];

    /// <summary>Made in a folder beside and renamed when whole, so that what has the name is complete.</summary>
    private async Task InitializeAsync(string password, CancellationToken cancellationToken)
    {
        var parent = Path.GetDirectoryName(DataFolder)!;
        Directory.CreateDirectory(parent);
        var making = Path.Combine(parent, $".making-{Guid.NewGuid():N}");
        var passwordFile = Path.Combine(making, "password");
        var data = Path.Combine(making, "data");
        try
        {
            Directory.CreateDirectory(making);
            WriteSecret(passwordFile, password);
            await _user.OwnAsync(making, cancellationToken);
            var initdb = await Command.RunAsync(
            [
                .. _user.Prefix, Path.Combine(_installation.Bin, "initdb"), "-D", data, $"--username={UserName}", $"--pwfile={passwordFile}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums",
            ], cancellationToken);
            if (!initdb.Succeeded)
            {
                throw new InvalidOperationException($"PostgreSQL can't make its data folder {DataFolder}: {initdb.Error.Trim()}");
            }

            Directory.Move(data, DataFolder);
        }
        finally
        {
            Directory.Delete(making, recursive: true);
        }
    }

    private static void WriteSecret(string file, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.WriteLine(secret);
    }
}
