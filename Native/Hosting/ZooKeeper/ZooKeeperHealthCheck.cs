using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Native.Hosting;

/// <summary>Healthy when the server answers the four-letter word `ruok` with `imok`.</summary>
internal sealed class ZooKeeperHealthCheck(NativeZooKeeperResource zooKeeper) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", zooKeeper.PrimaryEndpoint.Port, deadline.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("ruok"u8.ToArray(), deadline.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var answer = await reader.ReadToEndAsync(deadline.Token);
            return answer == "imok"
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"The server answered '{answer.Trim()}'.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The server does not answer.");
        }
        catch (Exception unreachable) when (unreachable is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, unreachable.Message);
        }
    }
}
