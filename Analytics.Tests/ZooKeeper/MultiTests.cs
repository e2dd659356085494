using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Several changes as one, and several reads in one request: the same on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class MultiTests(Servers servers)
{
    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task All_parts_are_done_under_one_transaction(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/old");
        var (error, results) = await client.MultiAsync(
            CreatePart($"{root}/a"), CreatePart($"{root}/a/b"), SetPart($"{root}/a/b", "x", 0), SetPart($"{root}/a/b", "y", 1), CheckPart($"{root}/a/b", 2),
            DeletePart($"{root}/old"), CreatePart($"{root}/s", Sequential), CreatePart($"{root}/s", Sequential));
        Assert.Equal(0, error);
        Assert.Equal(
            [$"create {root}/a", $"create {root}/a/b", "set 1", "set 2", "check", "delete", $"create {root}/s0000000002", $"create {root}/s0000000003"],
            results);
        var (_, _, stat) = await client.GetAsync($"{root}/a/b");
        var (_, above) = await client.ExistsAsync(root);
        Assert.Equal((stat!.Czxid, stat.Czxid), (stat.Mzxid, above!.Pzxid));
        Assert.Equal(0, (await client.MultiAsync()).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task One_refused_part_undoes_the_others(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        var (error, results) = await client.MultiAsync(CreatePart($"{root}/a"), DeletePart($"{root}/none"), CreatePart($"{root}/b"));
        Assert.Equal(0, error);
        Assert.Equal(["error 0", $"error {NoNode}", "error -2"], results);
        Assert.Equal(NoNode, (await client.ExistsAsync($"{root}/a")).Error);
        Assert.Equal([$"error {BadVersion}", "error -2"], (await client.MultiAsync(CheckPart(root, 5), CreatePart($"{root}/a"))).Results);
        Assert.Equal(["error 0", $"error {NotEmpty}"], (await client.MultiAsync(CreatePart($"{root}/c"), DeletePart(root))).Results);
        Assert.Equal(["error 0", $"error {NodeExists}"], (await client.MultiAsync(CreatePart($"{root}/c"), CreatePart($"{root}/c"))).Results);
        Assert.Equal(["error 0", $"error {BadArguments}"], (await client.MultiAsync(CreatePart($"{root}/c"), CreatePart("wrong"))).Results);
        Assert.Equal($"{root}/s0000000000", (await client.CreateAsync($"{root}/s", flags: Sequential)).Path);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Parts_see_those_before_them(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(
            [$"create {root}/a", "delete", $"create {root}/a", $"create {root}/a/b", "delete", "delete"],
            (await client.MultiAsync(
                CreatePart($"{root}/a"), DeletePart($"{root}/a"), CreatePart($"{root}/a"), CreatePart($"{root}/a/b"), DeletePart($"{root}/a/b"),
                DeletePart($"{root}/a"))).Results);
        Assert.Equal(
            ["error 0", $"error {NoChildrenForEphemerals}"],
            (await client.MultiAsync(CreatePart($"{root}/e", Ephemeral), CreatePart($"{root}/e/child"))).Results);
        Assert.Equal(
            ["error 0", $"error {BadVersion}"], (await client.MultiAsync(SetPart(root, "new"), SetPart(root, "newer", 0))).Results);
        Assert.Equal(0, (await client.ExistsAsync(root)).Stat!.Version);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Several_reads_each_have_their_own_error(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/a", "data");
        var (error, results) = await client.MultiAsync(22, [GetPart($"{root}/a"), ChildrenPart(root), GetPart($"{root}/none"), ChildrenPart($"{root}/a")]);
        Assert.Equal(0, error);
        Assert.Equal(["get data 0", "children a", $"error {NoNode}", "children "], results);
        Assert.Equal(MarshallingError, (await client.MultiAsync(14, [GetPart($"{root}/a"), CreatePart($"{root}/b")])).Error);
        Assert.Equal(NoNode, (await client.ExistsAsync($"{root}/b")).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Watches_are_told_of_each_part(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/a");
        await client.GetAsync($"{root}/a", watch: true);
        await client.ExistsAsync($"{root}/b", watch: true);
        await client.ChildrenAsync(root, watch: true);
        await client.MultiAsync(SetPart($"{root}/a", "x"), CreatePart($"{root}/b"));
        Assert.Equal([$"data {root}/a", $"created {root}/b", $"children {root}"], await client.EventsAsync());
        await client.GetAsync($"{root}/a", watch: true);
        await client.MultiAsync(SetPart($"{root}/a", "y"), CheckPart(root, 77));
        Assert.Empty(await client.EventsAsync());
    }
}
