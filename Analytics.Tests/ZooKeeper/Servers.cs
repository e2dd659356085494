namespace Analytics.Tests.ZooKeeper;

/// <summary>
/// The two servers that one suite is run against: this repository's, and Apache's where Java is. Each starts once, when the first test asks
/// for it; tests keep to a node of their own.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    public const string Ours = "Native/ZooKeeper";
    public const string Apache = "Apache ZooKeeper";

    private readonly string _apacheFolder = Directory.CreateTempSubdirectory("apache-zookeeper-").FullName;
    private readonly Lazy<Task<ServerProcess>> _ours =
        new(() => ServerProcess.StartAsync("tickTime=500", "maxSessionTimeout=60000", "maxClientCnxns=0", "4lw.commands.whitelist=*"));

    private Lazy<Task<ApacheServer>>? _apache;

    public static TheoryData<string> Both => [Ours, Apache];

    public ValueTask InitializeAsync()
    {
        _apache = new(() => ApacheServer.StartAsync(_apacheFolder));
        return ValueTask.CompletedTask;
    }

    public async Task<int> PortAsync(string server)
    {
        Assert.SkipUnless(server == Ours || ApacheServer.KafkaHome is not null, ApacheServer.MissingReason);
        return server == Ours ? (await _ours.Value).Port : (await _apache!.Value).Port;
    }

    /// <summary>A session, and a new node to work below.</summary>
    internal async Task<(RawClient Client, string Root)> ConnectAsync(string server)
    {
        var client = await RawClient.ConnectAsync(await PortAsync(server));
        var root = $"/{Guid.NewGuid():n}";
        Assert.Equal((0, root), await client.CreateAsync(root));
        return (client, root);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ours.IsValueCreated)
        {
            await (await _ours.Value).DisposeAsync();
        }

        if (_apache is { IsValueCreated: true })
        {
            await (await _apache.Value).DisposeAsync();
        }

        Directory.Delete(_apacheFolder, recursive: true);
    }
}

[CollectionDefinition(nameof(Servers))]
public sealed class ServersDefinition : ICollectionFixture<Servers>;
