using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>What the host tells, in the resources' consoles and in its own log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The command '{Command}' failed: {Reason}")]
    public static partial void CommandFailed(ILogger logger, string command, string reason);

    [LoggerMessage(2, LogLevel.Information, "Waiting for '{Resource}' ({WaitType}).")]
    public static partial void WaitingFor(ILogger logger, string resource, WaitType waitType);

    [LoggerMessage(3, LogLevel.Information, "'{Resource}' is there.")]
    public static partial void WaitedFor(ILogger logger, string resource);

    [LoggerMessage(4, LogLevel.Error, "Not started: {Reason}")]
    public static partial void FailedToStart(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Error, "The handlers for '{Resource}' failed: {Reason}")]
    public static partial void HandlersFailed(ILogger logger, string resource, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The dashboard ended with exit code {ExitCode}; the application goes on without it.")]
    public static partial void DashboardEnded(ILogger logger, int exitCode);

    [LoggerMessage(7, LogLevel.Warning, "The dashboard could not be started, the application goes on without it: {Reason}")]
    public static partial void DashboardFailed(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Debug, "dashboard: {Line}")]
    public static partial void DashboardWrote(ILogger logger, string line);

    [LoggerMessage(9, LogLevel.Error, "The links of '{Resource}' could not be made: {Reason}")]
    public static partial void LinksFailed(ILogger logger, string resource, string reason);
}
