using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Benchmarks.Coordination;

/// <summary>A ZooKeeper client that costs little: what is measured is the server. Requests that are ready together are sent together.</summary>
internal sealed class Client : IDisposable
{
    private static int _last;

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly ConcurrentQueue<TaskCompletionSource> _waiting = new();
    private readonly Channel<(byte[] Request, TaskCompletionSource Reply)> _requests =
        Channel.CreateUnbounded<(byte[], TaskCompletionSource)>(new() { SingleReader = true });
    private (int Left, TaskCompletionSource Reached) _told = (int.MaxValue, new());

    public int Id { get; } = Interlocked.Increment(ref _last);

    public static async Task<Client> ConnectAsync(int port)
    {
        var client = new Client();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port);
        var stream = client._tcp.GetStream();
        await stream.WriteAsync((byte[])[.. Int(45), .. Int(0), .. Long(0), .. Int(30_000), .. Long(0), .. Int(16), .. new byte[16], 0]);
        await stream.ReadExactlyAsync(new byte[41]);
        _ = client.SendAsync();
        _ = client.ReceiveAsync();
        return client;
    }

    public Task CallAsync(int type, byte[] body)
    {
        var reply = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Writer.TryWrite(([.. Int(8 + body.Length), .. Int(1), .. Int(type), .. body], reply));
        return reply.Task;
    }

    /// <summary>Completes when so many events have come.</summary>
    public Task UntilToldAsync(int events)
    {
        _told = (events, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return _told.Reached.Task;
    }

    public static byte[] Create(string path, int bytes) =>
        [.. Text(path), .. Int(bytes), .. new byte[bytes], .. Int(1), .. Int(31), .. Text("world"), .. Text("anyone"), .. Int(0)];

    public static byte[] Set(string path) => [.. Text(path), .. Int(100), .. new byte[100], .. Int(-1)];

    public static byte[] Path(string path, bool watch) => [.. Text(path), watch ? (byte)1 : (byte)0];

    public static byte[] Multi(string path) =>
        [.. Int(1), 0, .. Int(-1), .. Create(path, 0), .. Int(2), 0, .. Int(-1), .. Text(path), .. Int(-1), .. Int(-1), 1, .. Int(-1)];

    public void Dispose()
    {
        _requests.Writer.TryComplete();
        _tcp.Dispose();
    }

    private async Task SendAsync()
    {
        var batch = new MemoryStream();
        while (await _requests.Reader.WaitToReadAsync())
        {
            batch.SetLength(0);
            while (_requests.Reader.TryRead(out var request))
            {
                _waiting.Enqueue(request.Reply);
                batch.Write(request.Request);
            }

            await _tcp.GetStream().WriteAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length));
        }
    }

    private async Task ReceiveAsync()
    {
        var (buffer, start, end) = (new byte[256 * 1024], 0, 0);
        try
        {
            while (true)
            {
                while (end - start >= 4 && BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start)) is var length && end - start >= 4 + length)
                {
                    Take(buffer.AsSpan(start + 4, length));
                    start += 4 + length;
                }

                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                var read = await _tcp.GetStream().ReadAsync(buffer.AsMemory(end));
                if (read == 0)
                {
                    return;
                }

                end += read;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private void Take(ReadOnlySpan<byte> packet)
    {
        if (BinaryPrimitives.ReadInt32BigEndian(packet) == -1)
        {
            if (--_told.Left == 0)
            {
                _told.Reached.TrySetResult();
            }

            return;
        }

        var error = BinaryPrimitives.ReadInt32BigEndian(packet[12..]);
        if (_waiting.TryDequeue(out var reply))
        {
            if (error == 0)
            {
                reply.SetResult();
            }
            else
            {
                reply.SetException(new InvalidOperationException($"error {error}"));
            }
        }
    }

    private static byte[] Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Text(string value) => [.. Int(value.Length), .. Encoding.ASCII.GetBytes(value)];
}
