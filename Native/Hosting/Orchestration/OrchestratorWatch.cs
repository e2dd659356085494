using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Native.Hosting;

/// <summary>Ends the application when its orchestrator dies.</summary>
public static class OrchestratorWatchExtensions
{
    /// <summary>
    /// Ends the application with one sentence and exit code 1 when the orchestrator (DCP) dies: it takes the resources along, and Aspire does not notice.
    /// </summary>
    /// <param name="builder">The application.</param>
    public static IDistributedApplicationBuilder EndWithOrchestrator(this IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHostedService<OrchestratorWatch>();
        return builder;
    }
}

/// <summary>Waits for the end of DCP, which is no child of this process but was told its number.</summary>
internal sealed class OrchestratorWatch(IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, lifetime.ApplicationStarted)
                .ContinueWith(_ => { }, stopping.Token, TaskContinuationOptions.None, TaskScheduler.Default);
            if (await FindAsync(stopping.Token) is not { } orchestrator)
            {
                return;
            }

            using (orchestrator)
            {
                await orchestrator.WaitForExitAsync(stopping.Token);
            }

            Console.Error.WriteLine("Aspire's orchestrator (dcp) has died, and what it ran ends with it: start the application again.");
            // Nothing is left to stop: the dead orchestrator would only be waited for.
            Environment.Exit(1);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application ends first.
        }
    }

    /// <summary>The process that was started with this one's number to watch; null where processes can't be listed.</summary>
    private static async Task<Process?> FindAsync(CancellationToken cancellationToken)
    {
        var mark = $"--monitor {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} ";
        var listed = await Command.RunAsync(["ps", "-axo", "pid=,args="], cancellationToken);
        var line = listed.Output.Split('\n').FirstOrDefault(
            line => line.Contains("start-apiserver", StringComparison.Ordinal) && line.Contains(mark, StringComparison.Ordinal));
        try
        {
            return line is null ? null : Process.GetProcessById(int.Parse(line.TrimStart().Split(' ')[0], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is ArgumentException or Win32Exception)
        {
            return null;
        }
    }
}
