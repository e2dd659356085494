using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration;

/// <summary>Ports of this machine.</summary>
internal static class LoopbackPorts
{
    /// <summary>Listens on 127.0.0.1 and, where there is IPv6, on ::1 with the same port.</summary>
    /// <param name="port">The port; a free one if none.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static List<Socket> Listen(int? port)
    {
        const int attempts = 20;
        for (var attempt = 1; ; attempt++)
        {
            var v4 = Listen(IPAddress.Loopback, port ?? 0);
            if (!Socket.OSSupportsIPv6)
            {
                return [v4];
            }

            try
            {
                return [v4, Listen(IPAddress.IPv6Loopback, ((IPEndPoint)v4.LocalEndPoint!).Port)];
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                return [v4];
            }
            catch (SocketException) when (port is null && attempt < attempts)
            {
                v4.Dispose();
            }
            catch
            {
                v4.Dispose();
                throw;
            }
        }
    }

    /// <summary>A port on which nobody listens.</summary>
    public static int Free()
    {
        var sockets = Listen(null);
        var port = ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
        sockets.ForEach(socket => socket.Dispose());
        return port;
    }

    /// <summary>Whether nobody listens on a port.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            Listen(port).ForEach(socket => socket.Dispose());
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
