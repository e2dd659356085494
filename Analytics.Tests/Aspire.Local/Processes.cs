using System.Diagnostics;
using System.Globalization;

namespace Analytics.Tests.AspireLocal;

/// <summary>Processes of this machine, as a test sees them.</summary>
internal static class Processes
{
    /// <summary>Whether a process runs: it is there and has not ended, though nobody may have asked for its exit code yet.</summary>
    public static bool Run(int pid)
    {
        var ask = new ProcessStartInfo("ps", ["-o", "stat=", "-p", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using var ps = Process.Start(ask)!;
        var state = ps.StandardOutput.ReadToEnd().Trim();
        ps.WaitForExit();
        return state.Length > 0 && !state.StartsWith('Z');
    }

    /// <summary>Waits until a process has ended.</summary>
    public static async Task GoneAsync(int pid, CancellationToken cancellationToken)
    {
        while (Run(pid))
        {
            await Task.Delay(20, cancellationToken);
        }
    }
}
