using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Native.Hosting;

namespace Analytics.Tests.Native.Hosting;

public sealed class PortsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public void A_port_that_someone_listens_on_is_taken(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();

        Assert.False(Ports.IsFree(((IPEndPoint)listener.LocalEndpoint).Port));
    }

    [Fact]
    public void A_remembered_port_stays_until_someone_takes_it()
    {
        using var folder = new TemporaryFolder();
        var first = Ports.Remembered(folder.In("port"));
        Assert.Equal(first, Ports.Remembered(folder.In("port")));

        using var listener = new TcpListener(IPAddress.Loopback, first);
        listener.Start();
        var second = Ports.Remembered(folder.In("port"));

        Assert.NotEqual(first, second);
        Assert.Equal(second.ToString(CultureInfo.InvariantCulture), File.ReadAllText(folder.In("port")));
    }
}
