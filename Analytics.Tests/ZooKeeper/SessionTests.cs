using System.Diagnostics;
using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>Sessions, quotas and four-letter words: the same on this server and on Apache's.</summary>
[Collection(nameof(Servers))]
public sealed class SessionTests(Servers servers)
{
    public static TheoryData<string> Both => Servers.Both;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Time_outs_are_brought_between_the_servers_bounds(string server)
    {
        var port = await servers.PortAsync(server);
        await using var little = await RawClient.ConnectAsync(port, 1);
        await using var fine = await RawClient.ConnectAsync(port, 5_000);
        await using var much = await RawClient.ConnectAsync(port, int.MaxValue);
        Assert.Equal((1_000, 5_000, 60_000), (little.TimeoutMs, fine.TimeoutMs, much.TimeoutMs));
        Assert.Equal(16, fine.Password.Length);
        Assert.NotEqual(fine.SessionId, much.SessionId);
        Assert.Equal(37, fine.ConnectResponse.Length);
        await using var old = await RawClient.ConnectAsync(port, isOld: true);
        Assert.Equal(36, old.ConnectResponse.Length); // 3.4 knows no read-only servers
        Assert.NotEqual(0, old.SessionId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_session_moves_to_its_newest_connection(string server)
    {
        var port = await servers.PortAsync(server);
        var (first, root) = await servers.ConnectAsync(server);
        await first.CreateAsync($"{root}/e", flags: Ephemeral);
        await using var second = await RawClient.ResumeAsync(port, first, 7_000);
        Assert.Equal((first.SessionId, 7_000), (second.SessionId, second.TimeoutMs));
        Assert.Equal(first.Password, second.Password);
        await first.Closed.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(first.SessionId, (await second.ExistsAsync($"{root}/e")).Stat!.EphemeralOwner);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_wrong_password_or_an_unknown_session_gets_none(string server)
    {
        var port = await servers.PortAsync(server);
        await using var client = await RawClient.ConnectAsync(port);
        await using var wrong = await RawClient.ConnectAsync(port, sessionId: client.SessionId, password: new byte[16]);
        await using var unknown = await RawClient.ConnectAsync(port, sessionId: 12345, password: client.Password);
        foreach (var refused in (RawClient[])[wrong, unknown])
        {
            Assert.Equal((0L, 0), (refused.SessionId, refused.TimeoutMs));
            Assert.Equal(new byte[16], refused.Password);
            await refused.Closed.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        }
    }

    [Fact]
    public async Task A_wrong_password_does_not_close_the_sessions_connection()
    {
        // Apache's server closes it before it looks at the password.
        var port = await servers.PortAsync(Servers.Ours);
        await using var client = await RawClient.ConnectAsync(port);
        await using var wrong = await RawClient.ConnectAsync(port, sessionId: client.SessionId, password: new byte[16]);
        Assert.Equal(0, (await client.ExistsAsync("/")).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_client_that_has_seen_the_future_is_sent_away(string server)
    {
        await using var client = await RawClient.ConnectAsync(await servers.PortAsync(server), lastZxid: long.MaxValue);
        Assert.Empty(client.ConnectResponse);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Closing_a_session_ends_its_ephemerals_and_tells_the_watchers(string server)
    {
        var (watcher, root) = await servers.ConnectAsync(server);
        await using var closing = watcher;
        var client = await RawClient.ConnectAsync(await servers.PortAsync(server));
        await client.CreateAsync($"{root}/e", flags: Ephemeral);
        await watcher.ExistsAsync($"{root}/e", watch: true);
        await watcher.ChildrenAsync(root, watch: true);
        Assert.Equal(0, (await client.CallAsync(-11, new())).Error);
        await client.Closed.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal([$"deleted {root}/e", $"children {root}"], await watcher.EventsAsync());
        await using var late = await RawClient.ResumeAsync(await servers.PortAsync(server), client);
        Assert.Equal(0, late.SessionId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_session_that_is_not_heard_of_expires_and_one_that_pings_lives(string server)
    {
        var (watcher, root) = await servers.ConnectAsync(server);
        await using var closing = watcher;
        var port = await servers.PortAsync(server);
        var silent = await RawClient.ConnectAsync(port, 1_000);
        await using var alive = await RawClient.ConnectAsync(port, 1_000);
        await silent.CreateAsync($"{root}/silent", flags: Ephemeral);
        await alive.CreateAsync($"{root}/alive", flags: Ephemeral);
        await watcher.ExistsAsync($"{root}/silent", watch: true);
        await silent.DropAsync();
        var started = Stopwatch.GetTimestamp();
        var told = watcher.EventAsync();
        while (!told.IsCompleted)
        {
            await alive.CallAsync(11, new(), -2);
            await Task.WhenAny(told, Task.Delay(200, Stop));
        }

        Assert.Equal($"deleted {root}/silent", (await told).ToString());
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        Assert.Equal(["alive"], (await watcher.ChildrenAsync(root)).Names);
        await using var late = await RawClient.ResumeAsync(port, silent);
        Assert.Equal(0, late.SessionId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_quota_counts_what_is_below_it(string server)
    {
        var (client, root) = await servers.ConnectAsync(server);
        await using var closing = client;
        await client.CreateAsync($"{root}/before", "12345");
        await client.CreateAsync($"/zookeeper/quota{root}");
        await client.CreateAsync($"/zookeeper/quota{root}/zookeeper_limits", "count=3,bytes=100");
        await client.CreateAsync($"/zookeeper/quota{root}/zookeeper_stats", "count=0,bytes=0");
        Assert.Equal("count=2,bytes=5", (await client.GetAsync($"/zookeeper/quota{root}/zookeeper_stats")).Data);
        await client.CreateAsync($"{root}/a", "12");
        await client.CreateAsync($"{root}/a/b", "1");
        await client.SetAsync($"{root}/a", "1234");
        await client.DeleteAsync($"{root}/before");
        Assert.Equal("count=3,bytes=5", (await client.GetAsync($"/zookeeper/quota{root}/zookeeper_stats")).Data);
        Assert.Equal(0, (await client.CreateAsync($"{root}/over", new string('x', 200))).Error); // only watched, unless enforceQuota says otherwise
        Assert.Equal("count=4,bytes=205", (await client.GetAsync($"/zookeeper/quota{root}/zookeeper_stats")).Data);
    }

    [Fact]
    public async Task A_hard_quota_is_enforced_where_that_is_asked_for()
    {
        await using var server = await ServerProcess.StartAsync("enforceQuota=true");
        await using var client = await RawClient.ConnectAsync(server.Port);
        await client.CreateAsync("/q");
        await client.CreateAsync("/zookeeper/quota/q");
        await client.CreateAsync("/zookeeper/quota/q/zookeeper_limits", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3");
        await client.CreateAsync("/zookeeper/quota/q/zookeeper_stats", "");
        const int QuotaExceeded = -125;
        Assert.Equal(0, (await client.CreateAsync("/q/a", "12345678")).Error);
        Assert.Equal(QuotaExceeded, (await client.SetAsync("/q/a", "12345678901")).Error);
        Assert.Equal(0, (await client.CreateAsync("/q/b")).Error);
        Assert.Equal(QuotaExceeded, (await client.CreateAsync("/q/c")).Error);
        Assert.Equal(0, await client.DeleteAsync("/q/b"));
        Assert.Equal(0, (await client.CreateAsync("/q/c")).Error);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Four_letter_words_are_answered(string server)
    {
        var port = await servers.PortAsync(server);
        await using var client = await RawClient.ConnectAsync(port);
        await client.GetAsync("/", watch: true);
        Assert.Equal("imok", await FourLetterWordTests.AskAsync(port, "ruok"));
        Assert.Equal("rw", await FourLetterWordTests.AskAsync(port, "isro"));
        Assert.Contains("Mode: standalone\nNode count: ", await FourLetterWordTests.AskAsync(port, "srvr"), StringComparison.Ordinal);
        Assert.Contains($"sid=0x{client.SessionId:x}", await FourLetterWordTests.AskAsync(port, "cons"), StringComparison.Ordinal);
        Assert.Contains("tickTime=500\n", await FourLetterWordTests.AskAsync(port, "conf"), StringComparison.Ordinal);
        var monitored = await FourLetterWordTests.AskAsync(port, "mntr");
        foreach (
            var name in (string[])["version", "server_state", "znode_count", "watch_count", "ephemerals_count", "outstanding_requests",
            "approximate_data_size"])
        {
            Assert.Contains($"zk_{name}\t", monitored, StringComparison.Ordinal);
        }

        Assert.Matches("[0-9]+ connections watching [0-9]+ paths\nTotal watches:[0-9]+", await FourLetterWordTests.AskAsync(port, "wchs"));
        Assert.Contains($"0x{client.SessionId:x}\n\t/\n", await FourLetterWordTests.AskAsync(port, "wchc"), StringComparison.Ordinal);
        Assert.Contains($"/\n\t0x{client.SessionId:x}", await FourLetterWordTests.AskAsync(port, "wchp"), StringComparison.Ordinal);
        Assert.Contains("Sessions with Ephemerals (", await FourLetterWordTests.AskAsync(port, "dump"), StringComparison.Ordinal);
        Assert.StartsWith("Environment:\nzookeeper.version=3.", await FourLetterWordTests.AskAsync(port, "envi"), StringComparison.Ordinal);
        Assert.Matches("datadir_size: [0-9]+\nlogdir_size: [0-9]+\n", await FourLetterWordTests.AskAsync(port, "dirs"));
        Assert.Equal("Server stats reset.\n", await FourLetterWordTests.AskAsync(port, "srst"));
    }
}
