using Analytics.Tests.ZooKeeper;
using Aspire.Hosting;
using Native.Hosting;

namespace Analytics.Tests.Native.Hosting;

/// <summary>The coordination server as a resource of a real application.</summary>
public sealed class ZooKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_resource_becomes_healthy_and_its_connection_string_is_where_clients_connect()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(Projects.AppHost).Assembly.GetName().Name,
            DisableDashboard = true,
        });
        var zooKeeper = builder.AddNativeZooKeeper("zookeeper", _folder.In("zookeeper"), Ports.Free());
        await using var application = builder.Build();
        await application.StartAsync(_cancellation);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("zookeeper", _cancellation);

        var address = await zooKeeper.Resource.ConnectionStringExpression.GetValueAsync(_cancellation);
        var port = zooKeeper.Resource.PrimaryEndpoint.Port;
        Assert.Equal($"127.0.0.1:{port}", address);
        await using var client = await RawClient.ConnectAsync(port);
        Assert.Equal((0, "/here"), await client.CreateAsync("/here"));
        Assert.True(Directory.Exists(_folder.In("zookeeper/version-2")));
        Assert.Contains(zooKeeper.Resource.GetConnectionProperties(), property => property.Key == "Port");
    }

    public void Dispose() => _folder.Dispose();
}
