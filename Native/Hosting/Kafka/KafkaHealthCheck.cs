using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Native.Hosting;

/// <summary>Healthy when the broker answers the first question of every client: which versions of which requests it knows.</summary>
internal sealed class KafkaHealthCheck(NativeKafkaResource kafka) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Kafka protocol guide, ApiVersions (key 18) version 0: request header version 1 (key, version, correlation id, client id), no body.
    private static readonly byte[] ApiVersionsRequest =
        [0, 0, 0, 16, 0, 18, 0, 0, 0, 0, 0, 1, 0, 6, .. "health"u8];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", kafka.PrimaryEndpoint.Port, deadline.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(ApiVersionsRequest, deadline.Token);

            // The answer: its size, the correlation id, an error code, then the list.
            var head = new byte[10];
            await stream.ReadExactlyAsync(head, deadline.Token);
            var error = BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(8));
            return BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) == 1 && error == 0
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"The broker answered with error code {error}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The broker does not answer.");
        }
        catch (Exception unreachable) when (unreachable is not OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, unreachable.Message);
        }
    }
}
