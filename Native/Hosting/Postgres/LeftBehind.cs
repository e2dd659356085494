using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Native.Hosting;

/// <summary>
/// What a server that was killed, or whose orchestrator was, leaves in the way of the next one: a server that still runs, children that have not
/// ended and hold the shared memory, a <c>postmaster.pid</c> whose number may belong to some other program by now.
/// </summary>
internal static partial class LeftBehind
{
    private const int Interrupt = 2, Quit = 3, Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Stops what still serves the data folder, gently first, and removes a stale <c>postmaster.pid</c>.</summary>
    public static async Task ClearAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var lockFile = Path.Combine(dataFolder, "postmaster.pid");
        var server = File.Exists(lockFile) && int.TryParse(File.ReadLines(lockFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : 0;

        // The kernel names working folders without symbolic links.
        var real = await Command.RunAsync(["readlink", "-f", dataFolder], cancellationToken);
        dataFolder = real.Succeeded ? real.Output.TrimEnd('\n') : dataFolder;

        // A fast shutdown, then an immediate one, which the next start recovers from as from a crash.
        foreach (var signal in (int[])[Interrupt, Quit, Kill])
        {
            var serving = await ServingAsync(dataFolder, server, cancellationToken);
            if (serving.Count == 0)
            {
                break;
            }

            // Children of a server that is gone end by themselves in a moment; only the last signal is for them.
            foreach (var process in serving.Where(process => process == server || signal == Kill))
            {
                _ = SendSignal(process, signal);
            }

            await AllEndedAsync(dataFolder, server, cancellationToken);
        }

        File.Delete(lockFile);
    }

    private static async Task AllEndedAsync(string dataFolder, int server, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < Patience && (await ServingAsync(dataFolder, server, cancellationToken)).Count > 0)
        {
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>The processes of a server of this folder. A number alone proves nothing, so each is asked what it is.</summary>
    private static async Task<List<int>> ServingAsync(string dataFolder, int server, CancellationToken cancellationToken)
    {
        // PostgreSQL's processes work in their data folder.
        if (OperatingSystem.IsLinux())
        {
            return [.. Directory.EnumerateDirectories("/proc")
                .Select(process => int.TryParse(Path.GetFileName(process.AsSpan()), CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 0 && WorksIn(id, dataFolder))];
        }

        var ps = await Command.RunAsync(["ps", "-o", "args=", "-p", server.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        return ps.Output.Contains(dataFolder, StringComparison.Ordinal) ? [server] : [];
    }

    private static bool WorksIn(int process, string dataFolder)
    {
        try
        {
            // A process that ended but was not waited for has no working folder any more.
            return File.ResolveLinkTarget($"/proc/{process}/cwd", returnFinalTarget: false)?.FullName == dataFolder
                && File.ReadAllText($"/proc/{process}/comm").StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
