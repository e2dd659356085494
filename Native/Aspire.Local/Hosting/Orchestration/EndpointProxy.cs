using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Listens on the port that clients use and forwards each connection to one of the processes behind it, in turn. It listens before the first
/// process runs and while all of them are down; a connection that comes then is held for a moment.
/// </summary>
internal sealed class EndpointProxy : IAsyncDisposable
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private const int BufferSize = 64 * 1024;

    private readonly List<Socket> _listeners;
    private readonly int[] _targets;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _accepting;
    private int _next;

    private EndpointProxy(List<Socket> listeners, int[] targets)
    {
        _listeners = listeners;
        _targets = targets;
        Port = ((IPEndPoint)listeners[0].LocalEndPoint!).Port;
        _accepting = listeners.ConvertAll(AcceptAsync);
    }

    /// <summary>The port that clients use.</summary>
    public int Port { get; }

    /// <summary>Listens on the loopback addresses.</summary>
    /// <param name="port">The port; a free one if none.</param>
    /// <param name="targets">The ports of the processes.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static EndpointProxy Listen(int? port, int[] targets) => new(LoopbackPorts.Listen(port), targets);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                _ = ForwardAsync(client, _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client went away between its call and our answer.
            }
        }
    }

    private async Task ForwardAsync(Socket client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                using var server = await ConnectAsync(cancellationToken).ConfigureAwait(false);
                if (server is not null)
                {
                    await Task.WhenAll(CopyAsync(client, server, cancellationToken), CopyAsync(server, client, cancellationToken)).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two hung up: closing both sockets tells the other.
            }
        }
    }

    private async Task<Socket?> ConnectAsync(CancellationToken cancellationToken)
    {
        var first = (uint)Interlocked.Increment(ref _next);
        for (var until = Environment.TickCount64 + (long)LongestHold.TotalMilliseconds; ;)
        {
            for (uint i = 0; i < _targets.Length; i++)
            {
                var port = _targets[(first + i) % _targets.Length];
                if (await TryConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false) is { } v4)
                {
                    return v4;
                }

                if (Socket.OSSupportsIPv6 && await TryConnectAsync(IPAddress.IPv6Loopback, port, cancellationToken).ConfigureAwait(false) is { } v6)
                {
                    return v6;
                }
            }

            if (Environment.TickCount64 > until)
            {
                return null;
            }

            await Task.Delay(RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<Socket?> TryConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var server = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await server.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch (SocketException)
        {
            server.Dispose();
            return null;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, cancellationToken).ConfigureAwait(false);
                }
            }

            // One direction may be through while the other goes on.
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
