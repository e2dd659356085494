using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Operations;
using ZooKeeper.Settings;

namespace ZooKeeper.Server;

/// <summary>Takes connections, so many in all and from one host, and closes those that come to no session.</summary>
internal sealed partial class Listener(ZooKeeperOptions options) : IDisposable
{
    /// <summary>How long a connection may take to ask for a session, as Apache's.</summary>
    private static readonly TimeSpan Sessionless = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly RequestMemory _memory = new(options.Number("largeRequestMaxBytes"));

    public IEnumerable<Client> Clients => _connections.Keys.Select(connection => connection.Client);

    public int Count => _connections.Count;

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
    public async Task RunAsync(Database database, FourLetterWords words, Telemetry telemetry, CancellationToken stop)
    {
        var (most, mostOfOne) = (options.Number("maxCnxns"), options.Number("maxClientCnxns"));
        var mostUnsent = (int)options.Number("maxUnsentBytes");
        try
        {
            while (true)
            {
                Socket socket;
                IPEndPoint remote;
                try
                {
                    socket = await _socket.AcceptAsync(stop);
                    remote = (IPEndPoint)socket.RemoteEndPoint!;
                }
                catch (SocketException e)
                {
                    // Out of file descriptors, or a client that left while it waited: the others are served on.
                    LogAcceptFailed(options.Logger, e.Message);
                    await Task.Delay(AcceptPause, options.Time, stop);
                    continue;
                }

                if ((most > 0 && _connections.Count >= most) || (mostOfOne > 0 && Clients.Count(c => c.Remote.Address.Equals(remote.Address)) >= mostOfOne))
                {
                    LogRefused(options.Logger, remote, _connections.Count);
                    socket.Dispose();
                    continue;
                }

                socket.NoDelay = true;
                var statistics = new Statistics();
                var outbox = new Outbox(socket, mostUnsent, database.Statistics, statistics) { OnAnswered = telemetry.OnAnswered };
                var client = new Client(remote, outbox, database.Durability, statistics, options.Time.GetUtcNow());
                var connection = new Connection(socket, client, database, words, _memory, options.Logger);
                var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[connection] = ServeAsync(connection, registered.Task, stop);
                registered.SetResult();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Stopped.
        }

        await Task.WhenAll(_connections.Values);
    }

    public void CloseSessionless()
    {
        var since = options.Time.GetUtcNow() - Sessionless;
        foreach (var client in Clients.Where(client => client.Session is null && client.Since < since))
        {
            client.Outbox.Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync(Connection connection, Task registered, CancellationToken stop)
    {
        await registered;
        await connection.RunAsync(stop);
        _connections.TryRemove(connection, out _);
    }

    [LoggerMessage(13, LogLevel.Warning, "A connection could not be taken: {Reason}")]
    private static partial void LogAcceptFailed(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Refused the connection from {Peer}: there are {Count} already (maxCnxns, and maxClientCnxns of one host)")]
    private static partial void LogRefused(ILogger logger, EndPoint peer, int count);
}
