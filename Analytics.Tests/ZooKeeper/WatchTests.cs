using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Watches of every kind: the same on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class WatchTests(Servers servers)
{
    private const int Persistent = 0;
    private const int Recursive = 1;

    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_watch_tells_once(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/a");
        await client.GetAsync($"{root}/a", watch: true);
        await client.ExistsAsync($"{root}/a", watch: true);
        await client.SetAsync($"{root}/a", "1");
        await client.SetAsync($"{root}/a", "2");
        Assert.Equal([$"data {root}/a"], await client.EventsAsync());

        await client.ExistsAsync($"{root}/new", watch: true);
        Assert.Equal(NoNode, (await client.GetAsync($"{root}/never", watch: true)).Error); // which leaves no watch
        await client.CreateAsync($"{root}/new");
        await client.CreateAsync($"{root}/never");
        Assert.Equal([$"created {root}/new"], await client.EventsAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deletion_is_told_once_to_a_client_that_watches_data_and_children(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/a");
        await client.GetAsync($"{root}/a", watch: true);
        await client.ChildrenAsync($"{root}/a", watch: true);
        await client.ChildrenAsync(root, watch: true);
        await client.DeleteAsync($"{root}/a");
        Assert.Equal([$"deleted {root}/a", $"children {root}"], await client.EventsAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_event_comes_before_the_answer_that_shows_the_change(string server)
    {
        var (watcher, root) = await servers.ConnectAsync(server);
        await using var closing = watcher;
        await using var writer = await RawClient.ConnectAsync(await servers.PortAsync(server));
        for (var i = 0; i < 50; i++)
        {
            await watcher.GetAsync(root, watch: true);
            var writing = writer.SetAsync(root, $"{i}");
            Reply seen;
            do
            {
                seen = await watcher.CallAsync(4, new JuteOut().Text(root).Bool(false));
            }
            while (seen.In.Text() != $"{i}");

            await writing;
            Assert.Equal([$"data {root}"], await watcher.EventsAsync());
            var order = watcher.Order.ToArray();
            Assert.InRange(Array.LastIndexOf(order, $"data {root}"), 0, Array.LastIndexOf(order, $"{seen.Xid}"));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_persistent_watch_stays_and_tells_of_data_and_children(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(0, await client.AddWatchAsync(root, Persistent));
        await client.SetAsync(root, "1");
        await client.SetAsync(root, "2");
        await client.CreateAsync($"{root}/a");
        await client.SetAsync($"{root}/a", "not told");
        await client.DeleteAsync($"{root}/a");
        Assert.Equal([$"data {root}", $"data {root}", $"children {root}", $"children {root}"], await client.EventsAsync());
        Assert.Equal(MarshallingError, await client.AddWatchAsync(root, 2));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_recursive_watch_tells_of_everything_below_but_not_of_children(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(0, await client.AddWatchAsync(root, Recursive));
        await client.CreateAsync($"{root}/a");
        await client.CreateAsync($"{root}/a/b");
        await client.SetAsync($"{root}/a/b", "x");
        await client.DeleteAsync($"{root}/a/b");
        await client.SetAsync(root, "top");
        Assert.Equal(
            [$"created {root}/a", $"created {root}/a/b", $"data {root}/a/b", $"deleted {root}/a/b", $"data {root}"], await client.EventsAsync());
        Assert.Equal(0, await client.RemoveWatchesAsync(root, 3));
        await client.CreateAsync($"{root}/c");
        Assert.Empty(await client.EventsAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Watches_are_checked_and_removed_by_their_type(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        const int Children = 1;
        const int Data = 2;
        const int Any = 3;
        Assert.Equal(NoWatcher, await client.CheckWatchesAsync(root, Any));
        Assert.Equal(NoWatcher, await client.RemoveWatchesAsync(root, Any));
        await client.GetAsync(root, watch: true);
        Assert.Equal((0, NoWatcher, 0),
            (await client.CheckWatchesAsync(root, Data), await client.CheckWatchesAsync(root, Children), await client.CheckWatchesAsync(root, Any)));
        Assert.Equal(NoWatcher, await client.RemoveWatchesAsync(root, Children));
        Assert.Equal(0, await client.RemoveWatchesAsync(root, Data));
        await client.ChildrenAsync(root, watch: true);
        await client.GetAsync(root, watch: true);
        Assert.Equal(0, await client.RemoveWatchesAsync(root, Any));
        await client.SetAsync(root, "x");
        await client.CreateAsync($"{root}/a");
        Assert.Empty(await client.EventsAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_comes_back_is_told_what_it_missed(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var writer = await RawClient.ConnectAsync(await servers.PortAsync(server));
        foreach (var name in (string[])["changed", "same", "deleted", "parent", "quiet"])
        {
            await client.CreateAsync($"{root}/{name}");
        }

        await client.GetAsync($"{root}/same");
        await client.DropAsync();
        await writer.SetAsync($"{root}/changed", "x");
        await writer.DeleteAsync($"{root}/deleted");
        await writer.CreateAsync($"{root}/parent/child");
        await writer.CreateAsync($"{root}/created");

        await using var back = await RawClient.ResumeAsync(await servers.PortAsync(server), client);
        Assert.Equal(client.SessionId, back.SessionId);
        var watches = new JuteOut().Long(client.LastZxid)
            .Texts($"{root}/changed", $"{root}/same", $"{root}/deleted").Texts($"{root}/created", $"{root}/absent").Texts($"{root}/parent", $"{root}/quiet")
            .Texts($"{root}/persistent").Texts($"{root}/recursive");
        Assert.Equal(0, (await back.CallAsync(105, watches, -8)).Error);
        Assert.Equal([$"data {root}/changed", $"deleted {root}/deleted", $"created {root}/created", $"children {root}/parent"], await back.EventsAsync());

        await writer.SetAsync($"{root}/same", "now");
        await writer.CreateAsync($"{root}/absent");
        await writer.CreateAsync($"{root}/quiet/child");
        await writer.CreateAsync($"{root}/persistent");
        await writer.SetAsync($"{root}/persistent", "x");
        await writer.CreateAsync($"{root}/recursive");
        await writer.CreateAsync($"{root}/recursive/child");
        Assert.Equal(
            [
                $"data {root}/same", $"created {root}/absent", $"children {root}/quiet", $"created {root}/persistent", $"data {root}/persistent",
                $"created {root}/recursive", $"created {root}/recursive/child",
            ],
            await back.EventsAsync());
        Assert.Equal(0, (await back.CallAsync(101, new JuteOut().Long(0).Texts(root).Texts().Texts(), -8)).Error);
        Assert.Equal([$"data {root}"], await back.EventsAsync()); // it was changed after the transaction 0
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nobody_is_told_of_a_node_that_it_may_not_read(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await using var stranger = await RawClient.ConnectAsync(await servers.PortAsync(server));
        await client.AuthenticateAsync("digest", "owner:secret");
        await stranger.AddWatchAsync(root, Recursive);
        await client.CreateAsync($"{root}/private", acl: [new(31, "auth", "")]);
        await client.SetAsync($"{root}/private", "x");
        await client.CreateAsync($"{root}/public");
        Assert.Equal([$"created {root}/public"], await stranger.EventsAsync());
    }

    [Fact]
    public async Task Kinds_of_watches_on_one_path_are_independent()
    {
        // As ZooKeeper 3.9 has it (ZOOKEEPER-4466); 3.8 keeps one kind for a path.
        var (client, root) = await servers.ConnectAsync(Servers.Ours);
        await using var closing = client;
        await client.AddWatchAsync(root, Persistent);
        await client.AddWatchAsync(root, Recursive);
        await client.GetAsync(root, watch: true);
        Assert.Equal((0, 0, 0), (await client.CheckWatchesAsync(root, 2), await client.CheckWatchesAsync(root, 4), await client.CheckWatchesAsync(root, 5)));
        await client.SetAsync(root, "x");
        Assert.Equal([$"data {root}"], await client.EventsAsync());
        Assert.Equal(
            (NoWatcher, 0, 0), (await client.CheckWatchesAsync(root, 2), await client.CheckWatchesAsync(root, 4), await client.CheckWatchesAsync(root, 5)));
        Assert.Equal(0, await client.RemoveWatchesAsync(root, 4));
        await client.CreateAsync($"{root}/a");
        Assert.Equal([$"created {root}/a"], await client.EventsAsync());
        Assert.Equal(0, await client.RemoveWatchesAsync(root, 5));
        await client.CreateAsync($"{root}/b");
        Assert.Empty(await client.EventsAsync());
    }
}
