using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Native.Hosting;

/// <summary>Healthy when a server on loopback answers a question rightly.</summary>
/// <param name="server">The server.</param>
/// <param name="what">What it is called in a sentence.</param>
internal abstract class LoopbackHealthCheck(LoopbackServerResource server, string what) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", server.PrimaryEndpoint.Port, deadline.Token);
            await using var stream = new NetworkStream(socket);
            return await WrongAnswerAsync(stream, deadline.Token) is { } wrong
                ? new HealthCheckResult(context.Registration.FailureStatus, wrong)
                : HealthCheckResult.Healthy();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"The {what} does not answer.");
        }
        catch (Exception unreachable) when (unreachable is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, unreachable.Message);
        }
    }

    /// <summary>Asks, and says what is wrong with the answer; null if it is right.</summary>
    protected abstract Task<string?> WrongAnswerAsync(Stream stream, CancellationToken cancellationToken);
}
