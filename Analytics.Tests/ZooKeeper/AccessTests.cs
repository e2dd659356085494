using System.Security.Cryptography;
using System.Text;
using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Who may do what: the same on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class AccessTests(Servers servers)
{
    public static TheoryData<string> Both => Servers.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_operation_asks_for_its_permission(string server)
    {
        var (owner, root) = await servers.ConnectAsync(server);
        await using var closing = owner;
        await owner.AuthenticateAsync("digest", "owner:secret");
        await using var client = await RawClient.ConnectAsync(await servers.PortAsync(server));
        foreach (var (permission, name) in ((int, string)[])[(1, "read"), (2, "write"), (4, "create"), (8, "delete"), (16, "admin"), (0, "none")])
        {
            var path = $"{root}/{name}";
            await owner.CreateAsync(path, acl: [new(permission, "world", "anyone"), new(31, "digest", Digest("owner:secret"))]);
            await owner.CreateAsync($"{path}/child");
            var expected = (int needed) => (permission & needed) != 0 ? 0 : NoAuth;
            Assert.Equal((name, expected(1)), (name, (await client.GetAsync(path)).Error));
            Assert.Equal((name, expected(1)), (name, (await client.ChildrenAsync(path)).Error));
            Assert.Equal((name, expected(1)), (name, (await client.CallAsync(104, new JuteOut().Text(path))).Error));
            Assert.Equal((name, expected(1)), (name, (await client.ExistsAsync(path)).Error));
            Assert.Equal((name, expected(2)), (name, (await client.SetAsync(path, "x")).Error));
            Assert.Equal((name, expected(4)), (name, (await client.CreateAsync($"{path}/new")).Error));
            Assert.Equal((name, expected(8)), (name, await client.DeleteAsync($"{path}/child")));
            Assert.Equal((name, expected(1 | 16)), (name, (await client.GetAclAsync(path)).Error));
            var (_, results) = await client.MultiAsync(CheckPart(path, -1));
            Assert.Equal((name, expected(1) == 0 ? "check" : $"error {NoAuth}"), (name, results[0]));
            Assert.Equal((name, expected(16)), (name, await client.SetAclAsync(path, Acl.Open)));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_list_names_schemes_that_there_are(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Acl[]?[] wrong =
        [
            [], null, [new(31, "world", "someone")], [new(31, "nobody", "knows")], [new(31, "digest", "nocolon")], [new(31, "digest", "a:b:c")],
            [new(31, "ip", "nowhere")], [new(31, "ip", "1.2.3.4/33")], [new(31, "auth", "")], [new(31, null, "x")],
        ];
        foreach (var acl in wrong)
        {
            Assert.Equal(InvalidAcl, (await client.CallAsync(1, CreateBody($"{root}/a", "", 0, acl))).Error);
            Assert.Equal(InvalidAcl, await client.SetAclAsync(root, acl));
        }

        Acl[] right = [new(1, "ip", "127.0.0.1"), new(3, "ip", "10.0.0.0/8"), new(31, "digest", "user:hash"), new(1, "world", "anyone")];
        Assert.Equal(0, (await client.CreateAsync($"{root}/b", acl: [.. right, right[0]])).Error);
        var (_, stored, stat) = await client.GetAclAsync($"{root}/b");
        Assert.Equal([right[0], right[1], new(31, "digest", "user:x"), right[3]], stored); // without the hash, for one who may not administrate
        Assert.Equal(0, stat!.Aversion);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_says_who_it_is(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(0, await client.AuthenticateAsync("digest", "user:password"));
        Assert.Equal(0, await client.AuthenticateAsync("digest", "other:password"));
        Assert.Equal(0, await client.AuthenticateAsync("ip", ""));
        await client.CreateAsync($"{root}/mine", acl: [new(31, "auth", "ignored")]);
        var (_, stored, _) = await client.GetAclAsync($"{root}/mine");
        Assert.Equal(
            ((Acl[])[new(31, "digest", Digest("user:password")), new(31, "digest", Digest("other:password"))]).OrderBy(acl => acl.Id),
            stored.OrderBy(acl => acl.Id));
        var who = (await client.CallAsync(107, new())).In;
        Assert.Equal(["digest other", "digest user", "ip 127.0.0.1"], Enumerable.Range(0, who.Int()).Select(_ => $"{who.Text()} {who.Text()}").Order());

        await using var stranger = await RawClient.ConnectAsync(await servers.PortAsync(server));
        Assert.Equal(NoAuth, (await stranger.GetAsync($"{root}/mine")).Error);
        Assert.Equal(0, await stranger.AuthenticateAsync("digest", "user:wrong"));
        Assert.Equal(NoAuth, (await stranger.GetAsync($"{root}/mine")).Error);
        Assert.Equal(0, await stranger.AuthenticateAsync("digest", "user:password"));
        Assert.Equal(0, (await stranger.GetAsync($"{root}/mine")).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_scheme_that_is_not_there_ends_the_connection(string server)
    {
        await using var client = await RawClient.ConnectAsync(await servers.PortAsync(server));
        Assert.Equal(AuthFailed, await client.AuthenticateAsync("nobody", "knows"));
        await client.Closed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Lists_have_a_version_and_addresses_count(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        Assert.Equal(BadVersion, await client.SetAclAsync(root, Acl.Open, 3));
        Assert.Equal(0, await client.SetAclAsync(root, [new(31, "ip", "127.0.0.0/8")], 0));
        Assert.Equal(1, (await client.GetAclAsync(root)).Stat!.Aversion);
        Assert.Equal(0, (await client.SetAsync(root, "still")).Error);
        Assert.Equal(0, await client.SetAclAsync(root, [new(31, "ip", "10.0.0.0/8")], 1));
        Assert.Equal(NoAuth, (await client.GetAsync(root)).Error);
    }

    [Fact]
    public async Task The_super_user_may_do_everything_and_is_nobody_by_default()
    {
        await using var server = await ServerProcess.StartAsync($"DigestAuthenticationProvider.superDigest={Digest("super:secret")}");
        await using var client = await RawClient.ConnectAsync(server.Port);
        await client.CreateAsync("/closed", acl: [new(0, "world", "anyone")]);
        Assert.Equal(NoAuth, (await client.GetAsync("/closed")).Error);
        Assert.Equal(0, await client.AuthenticateAsync("digest", "super:secret"));
        Assert.Equal(0, (await client.GetAsync("/closed")).Error);

        var (other, root) = await servers.ConnectAsync(Servers.Ours);
        await using var closing = other;
        await other.CreateAsync($"{root}/closed", acl: [new(0, "world", "anyone")]);
        Assert.Equal(0, await other.AuthenticateAsync("digest", "super:secret"));
        Assert.Equal(NoAuth, (await other.GetAsync($"{root}/closed")).Error);
    }

    private static string Digest(string userAndPassword)
    {
#pragma warning disable CA5350 // the protocol's
        return $"{userAndPassword.Split(':')[0]}:{Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(userAndPassword)))}";
#pragma warning restore CA5350
    }
}
