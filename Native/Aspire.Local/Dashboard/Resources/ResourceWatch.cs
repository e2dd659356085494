using System.Text.Json;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>Follows the resource service, reconnects with growing pauses, and ends the process once the AppHost has been gone for half a minute.</summary>
internal sealed partial class ResourceWatch(
    ResourceService service, ResourceDirectory directory, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ResourceWatch> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!service.Exists)
        {
            return;
        }

        var pause = FirstPause;
        var lastHeard = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in service.WatchAsync(stoppingToken))
                {
                    directory.Apply(change);
                    if (!directory.IsConnected)
                    {
                        directory.Connected(true);
                        pause = FirstPause;
                    }
                }
            }
            catch (Exception lost) when (!stoppingToken.IsCancellationRequested && lost is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                Lost(lost.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (directory.IsConnected)
            {
                directory.Connected(false);
                lastHeard = time.GetTimestamp();
            }

            if (time.GetElapsedTime(lastHeard) >= Patience)
            {
                Gone(Patience.TotalSeconds);
                lifetime.StopApplication();
                return;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The resource service is lost, trying again: {Reason}")]
    private partial void Lost(string reason);

    [LoggerMessage(2, LogLevel.Information, "The AppHost has been gone for {Seconds} s; the dashboard ends.")]
    private partial void Gone(double seconds);
}
