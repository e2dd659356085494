using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Server;

/// <summary>Takes connections, no more than max.connections at a time, and closes those that are over their deadline.</summary>
internal sealed partial class Listener(BrokerOptions options, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan DeadlineCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    /// <summary>The largest request fits into the reserve, with the buffer of before that it is copied from.</summary>
    private readonly RequestMemory _memory = new(
        options.Number("queued.max.request.bytes"), reserve: 3 * options.Number("socket.request.max.bytes"), time);

    /// <summary>The address with the port that the system gave, where 0 was asked for.</summary>
    public IPEndPoint Bind()
    {
        try
        {
            _socket.Bind(options.Listen);
            _socket.Listen(512);
        }
        catch (SocketException e)
        {
            throw new ArgumentException($"Can't listen on {options.Listen} ({e.Message}); give another address or port with --listen.");
        }

        return (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>Serves until stopped; returns when the last connection is closed.</summary>
    public async Task RunAsync(ApiTable apis, CancellationToken stop)
    {
        var deadlines = CloseOverdueAsync(stop);
        var limit = (int)options.Number("max.connections");
        try
        {
            while (true)
            {
                Socket socket;
                try
                {
                    socket = await _socket.AcceptAsync(stop);
                }
                catch (SocketException e)
                {
                    // Out of file descriptors, or a client that left while it waited: the others are served on.
                    LogAcceptFailed(log, e.Message);
                    await Task.Delay(AcceptPause, time, stop);
                    continue;
                }

                if (_connections.Count >= limit)
                {
                    LogRefused(log, socket.RemoteEndPoint, limit);
                    socket.Dispose();
                    continue;
                }

                socket.NoDelay = true;
                var connection = new Connection(socket, apis, options, _memory, time, log);
                var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[connection] = ServeAsync(connection, registered.Task, stop);
                registered.SetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        await Task.WhenAll(_connections.Values);
        await deadlines;
    }

    private async Task ServeAsync(Connection connection, Task registered, CancellationToken stop)
    {
        await registered;
        await connection.RunAsync(stop);
        _connections.TryRemove(connection, out _);
    }

    private async Task CloseOverdueAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(DeadlineCheck, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                foreach (var connection in _connections.Keys)
                {
                    if (connection.IsOver)
                    {
                        connection.Close();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    public void Dispose() => _socket.Dispose();

    [LoggerMessage(13, LogLevel.Warning, "A connection could not be taken: {Reason}")]
    private static partial void LogAcceptFailed(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Refused the connection from {Peer}: there are {Limit} already (max.connections)")]
    private static partial void LogRefused(ILogger logger, EndPoint? peer, int limit);
}
