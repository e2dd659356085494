using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Kafka.Broker.Protocol;
using Kafka.Broker.Settings;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Server;

/// <summary>
/// One client: its requests are answered one after the other, as Kafka does, so that what a client can keep in flight is what its
/// socket buffers hold. The listener closes it when <see cref="IsOver"/> says so.
/// </summary>
internal sealed partial class Connection(
    Socket socket, ApiTable apis, BrokerOptions options, RequestMemory memory, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>How long a request may take to arrive once it began, and a response to be taken.</summary>
    private static readonly TimeSpan Transfer = TimeSpan.FromSeconds(30);

    private const int ChunkSize = 256 * 1024;

    private readonly TimeSpan _idle = options.Time("connections.max.idle.ms");
    private readonly EndPoint? _peer = socket.RemoteEndPoint;
    private readonly string _clientHost = "/" + (socket.RemoteEndPoint as IPEndPoint)?.Address;
    private readonly FrameReader _frames = new(socket, (int)options.Number("socket.request.max.bytes"), memory, time);
    private long _deadline = long.MaxValue;

    /// <summary>A timestamp of the time provider.</summary>
    public bool IsOver => time.GetTimestamp() > Volatile.Read(ref _deadline);

    public void Close() => _frames.Close();

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                SetDeadline(_frames.IsInsideFrame ? Transfer : _idle);
                if (!await _frames.ReadAsync(() => SetDeadline(Transfer), stop))
                {
                    return;
                }

                Volatile.Write(ref _deadline, long.MaxValue);
                await AnswerAsync(_frames.Frame, stop);
                _frames.Consume();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client or the broker went away.
        }
        catch (Exception e) when (e is InvalidDataException or MalformedRequestException)
        {
            LogMalformed(log, _peer, e.Message);
        }
        catch (Exception e)
        {
            LogFailed(log, e, _peer);
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _frames.Dispose();
    }

    private async ValueTask AnswerAsync(Memory<byte> frame, CancellationToken stop)
    {
        var (api, request) = apis.Parse(frame, _clientHost);
        using var answer = new ResponseWriter(request.Flexible);
        answer.Int32(request.CorrelationId);
        if (request.Flexible && api.HasFlexibleResponseHeader)
        {
            answer.Tags();
        }

        await api.AnswerAsync(request, answer, stop);
        if (answer.IsSent)
        {
            await SendAsync(answer, stop);
        }
    }

    private async ValueTask SendAsync(ResponseWriter answer, CancellationToken stop)
    {
        var frame = answer.Frame();
        if (answer.Slices.Count == 0)
        {
            await SendAsync(frame, stop);
            return;
        }

        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            // Frame and slices go out in full chunks: a small write before each slice would be a packet of its own.
            var filled = 0;
            var written = 0;
            foreach (var (before, slice) in answer.Slices)
            {
                while (written < before)
                {
                    var count = Math.Min(before - written, chunk.Length - filled);
                    frame.Slice(written, count).CopyTo(chunk.AsMemory(filled));
                    written += count;
                    filled = await SendIfFullAsync(chunk, filled + count, stop);
                }

                for (var sent = 0; sent < slice.Length;)
                {
                    var count = RandomAccess.Read(
                        slice.File.Handle, chunk.AsSpan(filled, Math.Min(slice.Length - sent, chunk.Length - filled)), slice.Position + sent);
                    if (count == 0)
                    {
                        throw new InvalidDataException("a segment file ended before the records of a response");
                    }

                    sent += count;
                    filled = await SendIfFullAsync(chunk, filled + count, stop);
                }
            }

            await SendAsync(chunk.AsMemory(0, filled), stop);
            await SendAsync(frame[written..], stop);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private async ValueTask<int> SendIfFullAsync(byte[] chunk, int filled, CancellationToken stop)
    {
        if (filled < chunk.Length)
        {
            return filled;
        }

        await SendAsync(chunk, stop);
        return 0;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
        {
            SetDeadline(Transfer);
            bytes = bytes[await socket.SendAsync(bytes, stop)..];
        }
    }

    private void SetDeadline(TimeSpan fromNow) =>
        Volatile.Write(ref _deadline, time.GetTimestamp() + (long)(fromNow.TotalSeconds * time.TimestampFrequency));

    [LoggerMessage(10, LogLevel.Warning, "Closed the connection from {Peer}: {Reason}")]
    private static partial void LogMalformed(ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(11, LogLevel.Error, "Closed the connection from {Peer}: a request failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, EndPoint? peer);
}
