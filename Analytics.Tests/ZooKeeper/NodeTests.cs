using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Creating, reading, changing and deleting nodes: the same on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class NodeTests(Servers servers)
{
    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_node_has_its_data_and_the_numbers_of_its_changes(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal((0, $"{root}/a"), await client.CreateAsync($"{root}/a", "one"));
        var (error, data, created) = await client.GetAsync($"{root}/a");
        Assert.Equal((0, "one"), (error, data));
        Assert.Equal(
            (0, 0, 0, 0L, 3, 0), (created!.Version, created.Cversion, created.Aversion, created.EphemeralOwner, created.DataLength, created.NumChildren));
        Assert.Equal((created.Czxid, created.Czxid, created.Ctime), (created.Mzxid, created.Pzxid, created.Mtime));

        var (_, changed) = await client.SetAsync($"{root}/a", "seven77", 0);
        Assert.Equal((1, 7, created.Czxid, created.Ctime), (changed!.Version, changed.DataLength, changed.Czxid, changed.Ctime));
        Assert.True(changed.Mzxid > created.Mzxid);
        Assert.Equal((BadVersion, null), await client.SetAsync($"{root}/a", "x", 0));
        Assert.Equal(2, (await client.SetAsync($"{root}/a", "x")).Stat!.Version);
        Assert.Equal(NodeExists, (await client.CreateAsync($"{root}/a")).Error);

        var (_, stat) = await client.ExistsAsync(root);
        Assert.Equal((1, 1, 0), (stat!.Cversion, stat.NumChildren, stat.Version));
        Assert.Equal(BadVersion, await client.DeleteAsync($"{root}/a", 1));
        Assert.Equal(0, await client.DeleteAsync($"{root}/a", 2));
        Assert.Equal(NoNode, await client.DeleteAsync($"{root}/a"));
        (_, stat) = await client.ExistsAsync(root);
        Assert.Equal((2, 0), (stat!.Cversion, stat.NumChildren));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Data_may_be_empty_or_missing(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/empty", "");
        await client.CreateAsync($"{root}/null", null);
        Assert.Equal("", (await client.GetAsync($"{root}/empty")).Data);
        var (error, data, stat) = await client.GetAsync($"{root}/null");
        Assert.Equal((0, null, 0), (error, data, stat!.DataLength));
        Assert.Equal(0, (await client.SetAsync($"{root}/empty", null)).Error);
        Assert.Null((await client.GetAsync($"{root}/empty")).Data);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_not_there_is_said_so(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        var missing = $"{root}/missing";
        Assert.Equal(NoNode, (await client.ExistsAsync(missing)).Error);
        Assert.Equal(NoNode, (await client.GetAsync(missing)).Error);
        Assert.Equal(NoNode, (await client.SetAsync(missing, "x")).Error);
        Assert.Equal(NoNode, (await client.ChildrenAsync(missing)).Error);
        Assert.Equal(NoNode, (await client.GetAclAsync(missing)).Error);
        Assert.Equal(NoNode, await client.SetAclAsync(missing, Acl.Open));
        Assert.Equal(NoNode, (await client.CreateAsync($"{missing}/child")).Error);
        Assert.Equal(NoNode, await client.DeleteAsync($"{missing}/child"));
        Assert.Equal(NoNode, (await client.CallAsync(104, new JuteOut().Text(missing))).Error);
        Assert.Equal(NoNode, (await client.CallAsync(8, new JuteOut().Text(missing).Bool(false))).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_node_with_children_is_not_deleted(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/a");
        await client.CreateAsync($"{root}/a/b");
        await client.CreateAsync($"{root}/a/c");
        Assert.Equal(NotEmpty, await client.DeleteAsync($"{root}/a"));
        var (_, names, stat) = await client.ChildrenAsync($"{root}/a");
        Assert.Equal(["b", "c"], names);
        Assert.Equal((2, 2), (stat!.NumChildren, stat.Cversion));
        var list = await client.CallAsync(8, new JuteOut().Text($"{root}/a").Bool(false));
        Assert.Equal(["b", "c"], list.In.Texts().Order(StringComparer.Ordinal));
        Assert.Equal(3, (await client.CallAsync(104, new JuteOut().Text(root))).In.Int());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Paths_that_are_none_are_refused(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        string[] wrong = ["relative", $"{root}/end/", $"{root}/.", $"{root}/..", $"{root}/a\u0001", $"{root}/a\u007f", $"{root}/\uf000", $"{root}/\ufff8"];
        foreach (var path in wrong)
        {
            var expected = path.EndsWith("end/", StringComparison.Ordinal) ? NoNode : BadArguments;
            Assert.Equal((path, expected), (path, (await client.CreateAsync(path)).Error));
        }

        Assert.Equal(BadArguments, (await client.CreateAsync($"{root}/a\0b")).Error);
        Assert.Equal(BadArguments, (await client.SetAsync($"{root}/x/", "")).Error);
        Assert.Equal(NoNode, (await client.GetAsync($"{root}/x/")).Error);
        Assert.Equal(NoNode, (await client.GetAsync($"/{root}")).Error);
        Assert.Equal(0, (await client.GetAsync("")).Error); // the root's other name
        Assert.Equal(0, (await client.CreateAsync($"{root}/fine.name with spaces…")).Error);
        Assert.Equal(BadArguments, (await client.CreateAsync($"{root}/flags", flags: 7)).Error);
        Assert.Equal(BadArguments, (await client.CreateAsync($"{root}/flags", flags: -1)).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_always_there_stays(string server)
    {
        var (client, _) = await servers.ConnectAsync(server);
        await using var closing = client;
        foreach (var path in (string[])["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"])
        {
            Assert.Equal((path, BadArguments), (path, await client.DeleteAsync(path)));
            Assert.Equal((path, 0), (path, (await client.GetAsync(path)).Error));
        }

        Assert.Equal(NodeExists, (await client.CreateAsync("/")).Error);
        Assert.Equal(["config", "quota"], (await client.ChildrenAsync("/zookeeper")).Names);
        Assert.Equal([new Acl(1, "world", "anyone")], (await client.GetAclAsync("/zookeeper/config")).Acl);
        Assert.Equal(NoAuth, (await client.SetAsync("/zookeeper/config", "x")).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Sequential_numbers_count_creations_and_are_not_used_again(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal($"{root}/s-0000000000", (await client.CreateAsync($"{root}/s-", flags: Sequential)).Path);
        Assert.Equal($"{root}/s-0000000001", (await client.CreateAsync($"{root}/s-", flags: Sequential)).Path);
        Assert.Equal(0, await client.DeleteAsync($"{root}/s-0000000001"));
        Assert.Equal($"{root}/other0000000002", (await client.CreateAsync($"{root}/other", flags: Sequential)).Path);
        Assert.Equal($"{root}/plain", (await client.CreateAsync($"{root}/plain")).Path);
        Assert.Equal($"{root}/0000000004", (await client.CreateAsync($"{root}/", flags: Sequential)).Path);
        Assert.Equal((0, $"{root}/e0000000005"), await client.CreateAsync($"{root}/e", flags: Sequential | Ephemeral));
        var (error, path, stat) = await client.Create2Async($"{root}/two", flags: Sequential, data: "22");
        Assert.Equal((0, $"{root}/two0000000006", 2), (error, path, stat!.DataLength));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Ephemeral_nodes_belong_to_their_session_and_have_no_children(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/e1", flags: Ephemeral);
        await client.CreateAsync($"{root}/e2", flags: Ephemeral);
        Assert.Equal(client.SessionId, (await client.ExistsAsync($"{root}/e1")).Stat!.EphemeralOwner);
        Assert.Equal(NoChildrenForEphemerals, (await client.CreateAsync($"{root}/e1/child")).Error);
        Assert.Equal([$"{root}/e1", $"{root}/e2"], (await client.CallAsync(103, new JuteOut().Text(root))).In.Texts().Order(StringComparer.Ordinal));
        Assert.Equal([$"{root}/e2"], (await client.CallAsync(103, new JuteOut().Text($"{root}/e2"))).In.Texts());
        Assert.Equal(2, (await client.CallAsync(103, new JuteOut().Text(null))).In.Texts().Length);
        await using (var other = await RawClient.ConnectAsync(await servers.PortAsync(server)))
        {
            Assert.Empty((await other.CallAsync(103, new JuteOut().Text("/"))).In.Texts());
            Assert.Equal(0, await other.DeleteAsync($"{root}/e2"));
        }

        Assert.Equal([$"{root}/e1"], (await client.CallAsync(103, new JuteOut().Text("/"))).In.Texts());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Containers_and_nodes_with_a_time_to_live_show_no_owner(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        var (error, path, container) = await client.Create2Async($"{root}/c", type: 19, flags: 4);
        Assert.Equal((0, $"{root}/c", 0), (error, path, container!.EphemeralOwner));
        Assert.Equal(0, (await client.CreateAsync($"{root}/c/child")).Error);
        Assert.Equal(BadArguments, (await client.CallAsync(20, new JuteOut().Text("/"))).Error);
        var (_, ttlPath, ttl) = await client.Create2Async($"{root}/t", type: 21, flags: 5, ttl: 60_000);
        Assert.Equal(($"{root}/t", 0), (ttlPath, ttl!.EphemeralOwner));
        Assert.Equal($"{root}/t0000000002", (await client.Create2Async($"{root}/t", type: 21, flags: 6, ttl: 60_000)).Path);
        Assert.Equal(BadArguments, (await client.Create2Async($"{root}/t2", type: 21, flags: 5, ttl: 0)).Error);
        Assert.Equal(BadArguments, (await client.Create2Async($"{root}/t2", type: 21, flags: 5, ttl: 1L << 40)).Error);
        Assert.Equal(BadArguments, (await client.Create2Async($"{root}/t2", type: 21, flags: 0, ttl: 5)).Error);
        Assert.Equal(BadArguments, (await client.CreateAsync($"{root}/t2", flags: 5)).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Requests_that_end_early_or_are_none_are_answered_as_such(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(MarshallingError, (await client.CallAsync(1, new JuteOut().Text(root))).Error);
        Assert.Equal(MarshallingError, (await client.CallAsync(4, new JuteOut().Int(1000))).Error);
        Assert.Equal(MarshallingError, (await client.CallAsync(14, new JuteOut().Int(1))).Error);
        Assert.Equal(MarshallingError, (await client.CallAsync(101, new JuteOut().Long(0).Int(int.MaxValue))).Error);
        Assert.Equal(MarshallingError, (await client.CallAsync(18, new JuteOut().Text(root).Int(77))).Error);
        Assert.Equal(-123, (await client.CallAsync(16, new JuteOut().Text("a").Text("b").Text("c").Long(-1))).Error);
        Assert.Equal(root, (await client.CallAsync(9, new JuteOut().Text(root))).In.Text());
        Assert.Equal(0, (await client.CallAsync(11, new(), -2)).Error);
        await using var unknown = await RawClient.ConnectAsync(await servers.PortAsync(server));
        Assert.Equal(Unimplemented, (await unknown.CallAsync(999, new())).Error);
        await unknown.Closed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
