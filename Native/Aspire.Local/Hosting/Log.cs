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
}
