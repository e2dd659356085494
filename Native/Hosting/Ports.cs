using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Native.Hosting;

/// <summary>TCP ports of this machine's loopback.</summary>
public static class Ports
{
    /// <summary>A port that nobody listens on at this moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether nobody listens on a port of loopback, be it by IPv4 or IPv6.</summary>
    /// <param name="port">The port.</param>
    public static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    /// <summary>The port in a file where it is free, else a free one, which is then in the file.</summary>
    /// <param name="file">Holds the number from one run to the next; its folder exists.</param>
    public static int Remembered(string file)
    {
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 && IsFree(port))
        {
            return port;
        }

        port = Free();
        File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture));
        return port;
    }

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException taken)
        {
            // A machine may know IPv6 and have no address of it.
            return taken.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }
}
