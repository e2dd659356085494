using System.Text;

namespace Analytics.Tests.ZooKeeper;

/// <summary>No client can stop the others or make the memory grow without end.</summary>
public sealed class HostileClientTests
{
    private const long MemoryThatIsNotGrowth = 100 * 1024 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("an HTTP request")]
    [InlineData("a negative length")]
    [InlineData("a length over the limit")]
    [InlineData("a connect request that ends early")]
    [InlineData("the end of telnet")]
    [InlineData("random bytes")]
    public async Task Garbage_closes_its_connection_and_nothing_else(string garbage)
    {
        await using var server = await ServerProcess.StartAsync();
        var random = new byte[4096];
        new Random(1).NextBytes(random);
        random[0] = 0xff;
        await using (var raw = await RawClient.OpenAsync(server.Port))
        {
            await raw.SendRawAsync(garbage switch
            {
                "an HTTP request" => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                "a negative length" => new JuteOut().Int(-1).Bytes,
                "a length over the limit" => new JuteOut().Int(int.MaxValue).Bytes,
                "a connect request that ends early" => new JuteOut().Int(4).Int(0).Bytes,
                "the end of telnet" => [0xff, 0xf4, 0xff, 0xfd, 0x06],
                _ => random,
            });
            await raw.UntilClosedAsync();
        }

        await StillServesAsync(server);
    }

    [Fact]
    public async Task Mutated_requests_leave_it_serving_with_the_same_memory()
    {
        await using var server = await ServerProcess.StartAsync("maxClientCnxns=0");
        await StillServesAsync(server);
        var (random, before) = (new Random(2), server.WorkingSet);
        var body = RawClient.CreateBody("/fuzzed", "data", 0, Acl.Open).Bytes;
        int[] types = [.. Enumerable.Range(-12, 40), .. Enumerable.Range(98, 12)];
        for (var connection = 0; connection < 60; connection++)
        {
            await using var raw = await RawClient.ConnectAsync(server.Port);
            for (var i = 0; i < 25; i++)
            {
                byte[] mutated = [.. new JuteOut().Int(i).Int(types[random.Next(types.Length)]).Raw(body).Bytes];
                for (var change = random.Next(4); change > 0; change--)
                {
                    mutated[random.Next(8, mutated.Length)] = (byte)random.Next(256);
                }

                try
                {
                    await raw.SendRawAsync([.. new JuteOut().Int(mutated.Length).Bytes, .. mutated]);
                }
                catch (IOException)
                {
                    break; // closed, as it should be after a request that is none
                }
            }

            await raw.DropAsync();
        }

        await StillServesAsync(server);
        Assert.DoesNotContain("a request failed", server.Log, StringComparison.Ordinal);
        Assert.InRange(server.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
    }

    [Fact]
    public async Task Claimed_lengths_cost_no_memory()
    {
        await using var server = await ServerProcess.StartAsync("maxClientCnxns=0", "jute.maxbuffer=100000000");
        await StillServesAsync(server);
        var before = server.WorkingSet;
        var held = new List<RawClient>();
        for (var i = 0; i < 200; i++)
        {
            var raw = await RawClient.OpenAsync(server.Port);
            held.Add(raw);
            await raw.SendRawAsync([.. new JuteOut().Int(90_000_000).Bytes, 1, 2, 3]);
        }

        await StillServesAsync(server);
        Assert.InRange(server.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
        foreach (var raw in held)
        {
            await raw.DisposeAsync();
        }
    }

    [Fact]
    public async Task Requests_that_take_all_memory_for_requests_are_closed()
    {
        await using var server = await ServerProcess.StartAsync("jute.maxbuffer=8000000", "largeRequestMaxBytes=8000000");
        var held = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            var raw = await RawClient.OpenAsync(server.Port);
            held.Add(raw);
            await raw.SendRawAsync([.. new JuteOut().Int(7_900_000).Bytes, .. new byte[3_000_000]]);
        }

        await held[^1].UntilClosedAsync();
        await StillServesAsync(server);
        foreach (var raw in held)
        {
            await raw.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_asks_for_much_and_reads_nothing_is_not_buffered_for()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var owner = await RawClient.ConnectAsync(server.Port);
        await owner.CreateAsync("/large", new string('x', 900_000));
        await owner.GetAsync("/large");
        var before = server.WorkingSet;
        await using var raw = await RawClient.OpenAsync(server.Port);
        var get = new JuteOut().Int(1).Int(4).Text("/large").Bool(false).Bytes;
        await raw.SendRawAsync([.. new JuteOut().Int(45).Int(0).Long(0).Int(20_000).Long(0).Buffer(new byte[16]).Bool(false).Bytes]);
        for (var i = 0; i < 400; i++)
        {
            await raw.SendRawAsync([.. new JuteOut().Int(get.Length).Raw(get).Bytes]);
        }

        Assert.Equal(0, (await owner.GetAsync("/large")).Error);
        Assert.InRange(server.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
    }

    [Fact]
    public async Task A_watcher_that_takes_no_events_is_closed()
    {
        await using var server = await ServerProcess.StartAsync("maxUnsentBytes=200000");
        await using var raw = await RawClient.OpenAsync(server.Port);
        await raw.SendRawAsync([.. new JuteOut().Int(45).Int(0).Long(0).Int(20_000).Long(0).Buffer(new byte[16]).Bool(false).Bytes]);
        var path = "/" + new string('p', 50_000);
        var watch = new JuteOut().Int(1).Int(106).Text(path).Int(0).Bytes;
        await raw.SendRawAsync([.. new JuteOut().Int(watch.Length).Raw(watch).Bytes]);
        await using var writer = await RawClient.ConnectAsync(server.Port);
        await writer.CreateAsync(path);
        var closed = false;
        for (var i = 0; i < 1000 && !closed; i++)
        {
            Assert.Equal(0, (await writer.SetAsync(path, $"{i}")).Error);
            closed = (await FourLetterWordTests.AskAsync(server.Port, "srvr")).Contains("Connections: 2", StringComparison.Ordinal);
        }

        Assert.True(closed, "the watcher is still there"); // the writer and the one who asks are
    }

    [Fact]
    public async Task Connections_of_one_host_have_a_limit()
    {
        await using var server = await ServerProcess.StartAsync("maxClientCnxns=2");
        await using var first = await RawClient.ConnectAsync(server.Port);
        await using var second = await RawClient.ConnectAsync(server.Port);
        await using var third = await RawClient.OpenAsync(server.Port);
        await third.UntilClosedAsync();
        Assert.Equal(0, (await first.ExistsAsync("/")).Error);
    }

    [Fact]
    public async Task Nodes_and_watches_have_a_limit()
    {
        await using var server = await ServerProcess.StartAsync("maxDataBytes=10000", "maxWatches=3");
        await using var client = await RawClient.ConnectAsync(server.Port);
        const int QuotaExceeded = -125;
        Assert.Equal(0, (await client.CreateAsync("/a", new string('x', 6_000))).Error);
        Assert.Equal(QuotaExceeded, (await client.CreateAsync("/b", new string('x', 6_000))).Error);
        Assert.Equal(QuotaExceeded, (await client.SetAsync("/a", new string('x', 12_000))).Error);
        Assert.Equal(0, (await client.SetAsync("/a", "")).Error);
        Assert.Equal(0, (await client.CreateAsync("/b", new string('x', 6_000))).Error);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(RawClient.NoNode, (await client.ExistsAsync($"/w{i}", watch: true)).Error);
        }

        Assert.Equal(QuotaExceeded, (await client.ExistsAsync("/w3", watch: true)).Error);
    }

    private static async Task StillServesAsync(ServerProcess server)
    {
        await using var client = await RawClient.ConnectAsync(server.Port);
        Assert.Equal(0, (await client.ExistsAsync("/")).Error);
        Assert.False(Stop.IsCancellationRequested);
    }
}
