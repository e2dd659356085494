using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Analytics.Tests.ZooKeeper;

/// <summary>What happened to a watched node.</summary>
public sealed record WatchedEvent(int Type, int State, string Path)
{
    public const int Created = 1;
    public const int Deleted = 2;
    public const int DataChanged = 3;
    public const int ChildrenChanged = 4;

    public override string ToString() =>
        $"{Type switch { Created => "created", Deleted => "deleted", DataChanged => "data", ChildrenChanged => "children", _ => $"{Type}" }} {Path}";
}

/// <summary>The answer to a request: its error, 0 for none, and its body.</summary>
internal sealed record Reply(int Xid, long Zxid, int Error, byte[] Body)
{
    public JuteIn In => new(Body);
}

/// <summary>ZooKeeper's protocol by hand: a session, requests under way at the same time, and everything that came, in its order.</summary>
internal sealed partial class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _tcp = new();
    private readonly ConcurrentQueue<TaskCompletionSource<Reply>> _waiting = new();
    private readonly Channel<WatchedEvent> _events = Channel.CreateUnbounded<WatchedEvent>();
    private readonly SemaphoreSlim _sending = new(1);
    private int _xid;
    private volatile bool _isClosed;
    private Task _reading = Task.CompletedTask;

    public long SessionId { get; private set; }

    public byte[] Password { get; private set; } = new byte[16];

    public int TimeoutMs { get; private set; }

    /// <summary>The bytes of the connect response, without its length.</summary>
    public byte[] ConnectResponse { get; private set; } = [];

    /// <summary>Replies (their xids) and events in the order in which they came.</summary>
    public ConcurrentQueue<string> Order { get; } = new();

    /// <summary>The last transaction that a reply told of.</summary>
    public long LastZxid { get; private set; }

    /// <summary>Completes when the server has closed the connection.</summary>
    public Task Closed => _reading;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RawClient> ConnectAsync(
        int port, int timeoutMs = 20_000, long sessionId = 0, byte[]? password = null, long lastZxid = 0, bool isOld = false)
    {
        var client = new RawClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port, Stop);
        client._tcp.NoDelay = true;
        var request = new JuteOut().Int(0).Long(lastZxid).Int(timeoutMs).Long(sessionId).Buffer(password ?? new byte[16]);
        await client.SendAsync((isOld ? request : request.Bool(false)).Bytes);
        if (await client.ReceiveAsync().WaitAsync(Patience, Stop) is not { } response)
        {
            client._isClosed = true;
            return client;
        }

        client.ConnectResponse = response;
        var reader = new JuteIn(response);
        reader.Int();
        (client.TimeoutMs, client.SessionId, client.Password) = (reader.Int(), reader.Long(), reader.Buffer()!);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>A connection on which nothing was said.</summary>
    public static async Task<RawClient> OpenAsync(int port)
    {
        var client = new RawClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port, Stop);
        return client;
    }

    /// <summary>Comes back to the session of another connection.</summary>
    public static Task<RawClient> ResumeAsync(int port, RawClient session, int timeoutMs = 20_000) =>
        ConnectAsync(port, timeoutMs, session.SessionId, session.Password, session.LastZxid);

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(byte[] bytes) => await _tcp.GetStream().WriteAsync(bytes, Stop);

    public async Task<Reply> CallAsync(int type, JuteOut body, int? xid = null) => await await StartAsync(type, body, xid);

    /// <summary>Sends a request; the reply comes with the inner task.</summary>
    public async Task<Task<Reply>> StartAsync(int type, JuteOut body, int? xid = null)
    {
        var reply = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _sending.WaitAsync(Stop);
        try
        {
            _waiting.Enqueue(reply);
            await SendAsync(new JuteOut().Int(xid ?? ++_xid).Int(type).Raw(body.Bytes).Bytes);
            FailIfClosed(reply);
        }
        finally
        {
            _sending.Release();
        }

        return reply.Task.WaitAsync(Patience, Stop);
    }

    /// <summary>The next event.</summary>
    public async Task<WatchedEvent> EventAsync() => await _events.Reader.ReadAsync(Stop).AsTask().WaitAsync(Patience, Stop);

    /// <summary>The events that came before the answer to a ping, which all that were on their way do.</summary>
    public async Task<string[]> EventsAsync()
    {
        await CallAsync(11, new(), -2);
        var events = new List<string>();
        while (_events.Reader.TryRead(out var e))
        {
            events.Add(e.ToString());
        }

        return [.. events];
    }

    /// <summary>Reads until the server closes the connection, on one where nothing is answered.</summary>
    public async Task UntilClosedAsync()
    {
        var buffer = new byte[4096];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(Patience);
        try
        {
            while (await _tcp.GetStream().ReadAsync(buffer, deadline.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Closed with something unread.
        }
    }

    /// <summary>Ends the connection, not the session.</summary>
    public async Task DropAsync()
    {
        _tcp.Close();
        await _reading;
    }

    /// <summary>Ends the session, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (SessionId != 0 && _tcp.Connected && !_reading.IsCompleted)
        {
            try
            {
                await CallAsync(-11, new());
            }
            catch (Exception e) when (e is IOException or TimeoutException or ObjectDisposedException or OperationCanceledException)
            {
                // It is gone.
            }
        }

        _tcp.Dispose();
        await _reading;
        _sending.Dispose();
    }

    /// <summary>The reader may have ended before the request was among those that wait.</summary>
    private void FailIfClosed(TaskCompletionSource<Reply> reply)
    {
        if (_isClosed)
        {
            reply.TrySetException(new IOException("the server closed the connection"));
        }
    }

    private async Task SendAsync(byte[] packet)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, packet.Length);
        await _tcp.GetStream().WriteAsync((byte[])[.. length, .. packet], Stop);
    }

    private async Task<byte[]?> ReceiveAsync()
    {
        try
        {
            var length = new byte[4];
            await _tcp.GetStream().ReadExactlyAsync(length);
            var packet = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await _tcp.GetStream().ReadExactlyAsync(packet);
            return packet;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task ReadAsync()
    {
        while (await ReceiveAsync() is { } packet)
        {
            var reader = new JuteIn(packet);
            var reply = new Reply(reader.Int(), reader.Long(), reader.Int(), packet[16..]);
            if (reply.Xid == -1)
            {
                var e = new WatchedEvent(reply.In.Int(), new JuteIn(reply.Body[4..]).Int(), new JuteIn(reply.Body[8..]).Text()!);
                Order.Enqueue($"{e}");
                _events.Writer.TryWrite(e);
                continue;
            }

            Order.Enqueue($"{reply.Xid}");
            LastZxid = Math.Max(LastZxid, reply.Zxid);
            if (_waiting.TryDequeue(out var waiting))
            {
                waiting.TrySetResult(reply);
            }
        }

        _isClosed = true;
        _events.Writer.TryComplete();
        while (_waiting.TryDequeue(out var lost))
        {
            lost.TrySetException(new IOException("the server closed the connection"));
        }
    }
}
