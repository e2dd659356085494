using Microsoft.Extensions.Logging;

namespace Native.Hosting;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    public static partial void Progress(ILogger logger, string line);

    [LoggerMessage(2, LogLevel.Warning, "{Resource} ended unasked ({State}, exit code {ExitCode}): starting it again in {Seconds} s.")]
    public static partial void Restarting(ILogger logger, string resource, string state, int? exitCode, double seconds);

    [LoggerMessage(3, LogLevel.Error, "{Resource} could not be started again: {Reason}")]
    public static partial void NotRestarted(ILogger logger, string resource, string? reason);

    [LoggerMessage(4, LogLevel.Warning, "Not everything has stopped after {Seconds} s: the orchestrator ends the rest.")]
    public static partial void StillRunning(ILogger logger, double seconds);
}
