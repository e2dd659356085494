using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ZooKeeper.Server;
using ZooKeeper.Settings;

namespace ZooKeeper;

/// <summary>The server as a process: its log on standard error, its end by SIGTERM or Ctrl+C.</summary>
internal static class Program
{
    private const int Misused = 2;

    public static async Task<int> Main(string[] args)
    {
        using var logging = LoggerFactory.Create(builder => builder
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        var parsed = CommandLine.Create(logging.CreateLogger("ZooKeeper"), RunAsync).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{parsed.Errors[0].Message} See --help.");
            return Misused;
        }

        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Misused;
        }
    }

    /// <summary>Serves until it is stopped. What keeps it from starting, or from going on, is thrown.</summary>
    private static async Task<int> RunAsync(ZooKeeperOptions options, CancellationToken stopping)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancelled = stopping.Register(() => asked.TrySetResult());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var server = await ZooKeeperServer.StartAsync(options, stopping);
        Console.Out.WriteLine($"ZooKeeper listening on {server.EndPoint}, data in {options.DataFolder}");
        await await Task.WhenAny(asked.Task, server.Failure);
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            asked.TrySetResult();
        }
    }
}
