using System.ComponentModel;
using System.Diagnostics;

namespace Native.Hosting;

/// <summary>A program of this machine, run to its end for its answer.</summary>
internal static class Command
{
    /// <summary>What a program said, and its exit code; 127, as a shell has it, where there is no such program.</summary>
    internal sealed record Answer(int ExitCode, string Output, string Error)
    {
        public bool Succeeded => ExitCode == 0;
    }

    public static async Task<Answer> RunAsync(IEnumerable<string> commandLine, CancellationToken cancellationToken, string? workingDirectory = null)
    {
        var line = commandLine.ToArray();
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception noSuchProgram)
        {
            return new Answer(127, "", noSuchProgram.Message);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new Answer(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
