using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Operations;
using ZooKeeper.Protocol;

namespace ZooKeeper.Server;

/// <summary>
/// One connection: a four-letter word, or a session's requests, which are worked on in their order as they come. It reads on while
/// answers wait for the disk, but not while its client takes none.
/// </summary>
internal sealed partial class Connection(Socket socket, Client client, Database database, FourLetterWords words, RequestMemory memory, ILogger log)
    : IDisposable
{
    /// <summary>A client that does not take its answers is not read from.</summary>
    private const int MostUnsent = 1024 * 1024;

    private static readonly int TelnetClose = unchecked((int)0xfff4fffd);

    private readonly FrameReader _frames = new(socket, (int)database.Options.Number("jute.maxbuffer"), memory);
    private readonly long _mostOutstanding = database.Options.Number("globalOutstandingLimit");

    public Client Client => client;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            if (await IsSessionAsync(stop))
            {
                await ServeAsync(stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client or the server went away.
        }
        catch (Exception e) when (e is InvalidDataException or MalformedException)
        {
            LogMalformed(log, client.Remote, e.Message);
        }
        catch (Exception e)
        {
            LogFailed(log, e, client.Remote);
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        client.Outbox.Dispose();
        _frames.Dispose();
        database.Leave(client);
    }

    /// <summary>Answers a four-letter word, which comes in the place of the first packet's length.</summary>
    private async Task<bool> IsSessionAsync(CancellationToken stop)
    {
        while (_frames.Received.Length < sizeof(int))
        {
            if (!await _frames.ReceiveAsync(stop))
            {
                return false;
            }
        }

        var word = BinaryPrimitives.ReadInt32BigEndian(_frames.Received);
        if (word == TelnetClose || words.Answer(_frames.Received[..sizeof(int)]) is not { } answer)
        {
            return word != TelnetClose;
        }

        database.Statistics.OnReceived();
        for (ReadOnlyMemory<byte> rest = answer; rest.Length > 0;)
        {
            rest = rest[await socket.SendAsync(rest, stop)..];
        }

        socket.Shutdown(SocketShutdown.Send);
        return false;
    }

    private async Task ServeAsync(CancellationToken stop)
    {
        var isConnected = false;
        while (true)
        {
            while (TakeOne(ref isConnected, out var isOver))
            {
                if (isOver)
                {
                    client.Send();
                    return;
                }

                if (client.Outbox.Unsent > MostUnsent)
                {
                    client.Send();
                    await client.Outbox.UntilUnsentAsync(MostUnsent / 2).WaitAsync(stop);
                }
                else if (database.Statistics.Outstanding > _mostOutstanding)
                {
                    client.Send();
                    await client.Outbox.UntilUnsentAsync(0).WaitAsync(stop);
                }
            }

            client.Send();
            if (!await _frames.ReceiveAsync(stop))
            {
                return;
            }
        }
    }

    private bool TakeOne(ref bool isConnected, out bool isOver)
    {
        isOver = false;
        if (!_frames.TryTake(out var packet))
        {
            return false;
        }

        var started = Stopwatch.GetTimestamp();
        database.Statistics.OnReceived();
        client.Statistics.OnReceived();
        lock (database.Gate)
        {
            if (isConnected)
            {
                Requests.Process(database, client, packet, started);
            }
            else
            {
                isConnected = true;
                isOver = !Connecting.Connect(database, client, packet, started);
            }
        }

        return true;
    }

    [LoggerMessage(10, LogLevel.Warning, "Closed the connection from {Peer}: {Reason}")]
    private static partial void LogMalformed(ILogger logger, EndPoint peer, string reason);

    [LoggerMessage(11, LogLevel.Error, "Closed the connection from {Peer}: a request failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, EndPoint peer);
}
