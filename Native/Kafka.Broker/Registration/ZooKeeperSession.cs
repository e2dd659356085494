using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Kafka.Broker.Registration;

/// <summary>
/// A session with a ZooKeeper: one request after the other, over connections that come and go. Not implemented: watches, and everything that
/// the registration does not use.
/// </summary>
/// <param name="connect">HOST:PORT, more of them with commas between, and a path behind the last below which everything is.</param>
/// <param name="timeoutMs">Milliseconds after which the session ends that is not heard of.</param>
internal sealed class ZooKeeperSession(string connect, int timeoutMs) : IDisposable
{
    public const int NoNode = -101;
    public const int NodeExists = -110;

    private const int LongestAnswer = 64 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _hosts = connect.Split('/', 2)[0];
    private readonly string _root = connect.Contains('/') ? "/" + connect.Split('/', 2)[1].TrimEnd('/') : "";
    private TcpClient? _tcp;
    private byte[] _password = new byte[16];
    private int _next;
    private int _xid;

    /// <summary>0 before the first.</summary>
    public long Id { get; private set; }

    public bool IsConnected => _tcp is not null;

    /// <summary>How often the server has to hear of the session.</summary>
    public TimeSpan PingInterval { get; private set; }

    /// <summary>Connects to the next server, and goes on with the session if it lives; false if it is a new one.</summary>
    public async Task<bool> ConnectAsync(CancellationToken stop)
    {
        Drop();
        var hosts = _hosts.Split(',');
        var host = hosts[_next++ % hosts.Length];
        var colon = host.LastIndexOf(':');
        var tcp = new TcpClient { NoDelay = true };
        try
        {
            using var deadline = Deadline(stop);
            await tcp.ConnectAsync(host[..colon], int.Parse(host[(colon + 1)..], CultureInfo.InvariantCulture), deadline.Token);
            _tcp = tcp;
            // It claims to have seen nothing: what it writes does not follow from what it read, and a server that lost its data takes it too.
            await SendAsync(new Body().Int(0).Long(0).Int(timeoutMs).Long(Id).Buffer(_password).Byte(0), deadline.Token);
            var answer = await ReceiveAsync(deadline.Token);
            var (timeout, id) = (BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)), BinaryPrimitives.ReadInt64BigEndian(answer.AsSpan(8)));
            if (id == 0)
            {
                // The session is over.
                (Id, _password) = (0, new byte[16]);
                return await ConnectAsync(stop);
            }

            PingInterval = TimeSpan.FromMilliseconds(timeout / 3);
            var isSame = id == Id;
            (Id, _password) = (id, answer[20..36]);
            return isSame;
        }
        catch
        {
            tcp.Dispose();
            _tcp = null;
            throw;
        }
    }

    /// <summary>Ends the session, and with it what is ephemeral.</summary>
    public async Task CloseAsync(CancellationToken stop)
    {
        await CallAsync(-11, new Body(), stop);
        Drop();
    }

    public Task PingAsync(CancellationToken stop) => CallAsync(11, new Body(), stop, xid: -2);

    /// <summary>Creates a node that everybody may read and write; an error if it is there.</summary>
    public async Task<int> CreateAsync(string path, byte[]? data, bool isEphemeral, CancellationToken stop)
    {
        const int All = 31;
        var body = new Body().Text(_root + path).Buffer(data).Int(1).Int(All).Text("world").Text("anyone").Int(isEphemeral ? 1 : 0);
        return (await CallAsync(1, body, stop)).Error;
    }

    /// <summary>Null if it is not there.</summary>
    public async Task<(byte[] Data, int Version, long Owner)?> GetAsync(string path, CancellationToken stop)
    {
        var (error, answer) = await CallAsync(4, new Body().Text(_root + path).Byte(0), stop);
        if (error != 0)
        {
            return null;
        }

        var length = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(answer));
        var stat = answer.AsSpan(sizeof(int) + length);
        return (answer[sizeof(int)..(sizeof(int) + length)], BinaryPrimitives.ReadInt32BigEndian(stat[32..]), BinaryPrimitives.ReadInt64BigEndian(stat[44..]));
    }

    public async Task<int> SetAsync(string path, byte[] data, int version, CancellationToken stop) =>
        (await CallAsync(5, new Body().Text(_root + path).Buffer(data).Int(version), stop)).Error;

    public async Task<int> DeleteAsync(string path, CancellationToken stop) => (await CallAsync(2, new Body().Text(_root + path).Int(-1), stop)).Error;

    public async Task<string[]> ChildrenAsync(string path, CancellationToken stop)
    {
        var (error, answer) = await CallAsync(8, new Body().Text(_root + path).Byte(0), stop);
        if (error != 0)
        {
            return [];
        }

        var names = new string[BinaryPrimitives.ReadInt32BigEndian(answer)];
        for (int i = 0, at = sizeof(int); i < names.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at));
            names[i] = Encoding.UTF8.GetString(answer, at + sizeof(int), length);
            at += sizeof(int) + length;
        }

        return names;
    }

    /// <summary>Makes the path above everything, which ZooKeeper's clients expect to be there.</summary>
    public async Task CreateRootAsync(CancellationToken stop)
    {
        var path = "";
        foreach (var name in _root.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path += $"/{name}";
            await CallAsync(1, new Body().Text(path).Buffer([]).Int(1).Int(31).Text("world").Text("anyone").Int(0), stop);
        }
    }

    /// <summary>Loses the connection, not the session.</summary>
    public void Drop()
    {
        _tcp?.Dispose();
        _tcp = null;
    }

    public void Dispose() => Drop();

    private async Task<(int Error, byte[] Answer)> CallAsync(int type, Body body, CancellationToken stop, int? xid = null)
    {
        var id = xid ?? ++_xid;
        using var deadline = Deadline(stop);
        try
        {
            await SendAsync(new Body().Int(id).Int(type).Bytes(body), deadline.Token);
            while (true)
            {
                var answer = await ReceiveAsync(deadline.Token);
                if (BinaryPrimitives.ReadInt32BigEndian(answer) == id)
                {
                    return (BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(12)), answer[16..]);
                }
            }
        }
        catch
        {
            Drop();
            throw;
        }
    }

    private async Task SendAsync(Body body, CancellationToken stop)
    {
        var bytes = body.ToArray();
        await Stream().WriteAsync(new Body().Int(bytes.Length).Raw(bytes).ToArray(), stop);
    }

    private async Task<byte[]> ReceiveAsync(CancellationToken stop)
    {
        var head = new byte[sizeof(int)];
        await Stream().ReadExactlyAsync(head, stop);
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < 16 or > LongestAnswer)
        {
            throw new IOException($"it answers with {length} bytes, as no ZooKeeper does");
        }

        var answer = new byte[length];
        await Stream().ReadExactlyAsync(answer, stop);
        return answer;
    }

    private NetworkStream Stream() => _tcp?.GetStream() ?? throw new IOException("there is no connection");

    private static CancellationTokenSource Deadline(CancellationToken stop)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Patience);
        return deadline;
    }

    /// <summary>A record in ZooKeeper's encoding.</summary>
    private sealed class Body
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public Body Int(int value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            _bytes.Write(bytes);
            return this;
        }

        public Body Long(long value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            _bytes.Write(bytes);
            return this;
        }

        public Body Byte(byte value) => Raw([value]);

        public Body Buffer(byte[]? value) => Int(value?.Length ?? -1).Raw(value);

        public Body Text(string value) => Buffer(Encoding.UTF8.GetBytes(value));

        public Body Bytes(Body other) => Raw(other.ToArray());

        public Body Raw(ReadOnlySpan<byte> bytes)
        {
            _bytes.Write(bytes);
            return this;
        }

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
    }
}
