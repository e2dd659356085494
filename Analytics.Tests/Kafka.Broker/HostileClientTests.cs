using System.Buffers.Binary;
using System.Text;

namespace Analytics.Tests.Kafka.Broker;

public sealed class HostileClientTests
{
    private const long MemoryThatIsNotGrowth = 150 * 1024 * 1024;

    [Theory]
    [InlineData("an HTTP request")]
    [InlineData("a negative length")]
    [InlineData("a length over the limit")]
    [InlineData("an unknown API")]
    [InlineData("a version that is not served")]
    [InlineData("an array longer than the request")]
    [InlineData("a string that ends early")]
    [InlineData("random bytes")]
    public async Task Garbage_closes_its_connection_and_nothing_else(string garbage)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        var random = new byte[4096];
        new Random(1).NextBytes(random);
        using (var raw = await RawClient.ConnectAsync(broker))
        {
            await raw.SendAsync(garbage switch
            {
                "an HTTP request" => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                "a negative length" => RawClient.Int32(-1),
                "a length over the limit" => RawClient.Int32(int.MaxValue),
                "an unknown API" => RawClient.Frame(9999, 0, []),
                "a version that is not served" => RawClient.Frame(1, 99, []),
                "an array longer than the request" => RawClient.Frame(3, 1, RawClient.Int32(int.MaxValue)),
                "a string that ends early" => RawClient.Frame(3, 1, [.. RawClient.Int32(1), .. RawClient.Int16(30000)]),
                _ => random,
            });
            Assert.True(await raw.IsClosedByBrokerAsync());
        }

        await Clients.ProduceAsync(broker, "fine", "still");
        Assert.Equal(["still"], Clients.ReadAll(broker, "fine"));
    }

    [Fact]
    public async Task Every_cut_of_a_request_and_many_mutations_of_it_leave_the_broker_serving()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "fuzzed", 1);
        var produce = RawClient.Frame(0, 9, [0, .. RawClient.Int16(-1), .. RawClient.Int32(1000), 2, 7, .. "fuzzed"u8, 2, .. RawClient.Int32(0), 200, 1]);
        var random = new Random(2);
        for (var i = 0; i < 300; i++)
        {
            byte[] mutated = [.. produce];
            for (var change = 0; change < 3; change++)
            {
                mutated[random.Next(4, mutated.Length)] = (byte)random.Next(256);
            }

            BinaryPrimitives.WriteInt16BigEndian(mutated.AsSpan(4), (short)random.Next(0, 76));
            BinaryPrimitives.WriteInt16BigEndian(mutated.AsSpan(6), (short)random.Next(0, 14));
            using var raw = await RawClient.ConnectAsync(broker);
            await raw.SendAsync(mutated);
        }

        await Clients.ProduceAsync(broker, "after", "still");
        Assert.Equal(["still"], Clients.ReadAll(broker, "after"));
        Assert.DoesNotContain("Unhandled", broker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("a request failed", broker.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claimed_lengths_and_half_sent_requests_cost_no_memory()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.ProduceAsync(broker, "before", "warm");
        var before = broker.WorkingSet;
        var held = new List<RawClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var raw = await RawClient.ConnectAsync(broker);
                held.Add(raw);
                await raw.SendAsync([.. RawClient.Int32(100_000_000), 0, 0, 0, 3]);
            }

            await Clients.ProduceAsync(broker, "meanwhile", "still");
            Assert.Equal(["still"], Clients.ReadAll(broker, "meanwhile"));
            Assert.InRange(broker.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
        }
        finally
        {
            held.ForEach(raw => raw.Dispose());
        }
    }

    [Fact]
    public async Task Slow_senders_of_large_requests_do_not_stop_others()
    {
        // Memory for a few requests of 3 MB, and ten that are sent by half.
        await using var broker = await BrokerProcess.StartAsync(
            "--partitions", "1", "--set", "socket.request.max.bytes=4000000", "--set", "queued.max.request.bytes=20000000", "--message-max-bytes", "4000000");
        await Clients.CreateTopicAsync(broker, "large", 1);
        var held = new List<RawClient>();
        try
        {
            for (var i = 0; i < 10; i++)
            {
                var slow = await RawClient.ConnectAsync(broker);
                held.Add(slow);
                await slow.SendAsync([.. RawClient.Int32(3_000_000), .. new byte[2_500_000]]);
            }

            var before = broker.WorkingSet;
            var started = TimeProvider.System.GetTimestamp();
            using var raw = await RawClient.ConnectAsync(broker);
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(((short)0, (long)i), await raw.ProduceAsync("large", RawClient.Batch(-1, -1, -1, new string('x', 3_000_000))));
            }

            // The time of a busy machine; who is stopped waits for ever.
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60));
            Assert.InRange(broker.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
        }
        finally
        {
            held.ForEach(raw => raw.Dispose());
        }
    }

    [Fact]
    public async Task A_client_that_closes_in_the_middle_of_a_request_is_no_error()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        var request = RawClient.Frame(3, 1, RawClient.Int32(0));
        for (var length = 0; length < request.Length; length++)
        {
            using var raw = await RawClient.ConnectAsync(broker);
            await raw.SendAsync(request[..length]);
        }

        await Clients.ProduceAsync(broker, "fine", "still");
        Assert.Equal(["still"], Clients.ReadAll(broker, "fine"));
        Assert.Equal("", broker.Log.Trim());
    }

    [Fact]
    public async Task A_client_that_asks_for_much_and_reads_nothing_is_not_buffered_for()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        string megabyte = new('x', 900_000);
        await Clients.ProduceAsync(broker, "large", [.. Enumerable.Repeat(megabyte, 10)]);
        var before = broker.WorkingSet;
        using var raw = await RawClient.ConnectAsync(broker);
        var fetch = RawClient.Frame(1, 4, RawClient.FetchBody("large", 0, 10_000_000));
        for (var i = 0; i < 200; i++)
        {
            await raw.SendAsync(fetch);
        }

        await Clients.ProduceAsync(broker, "meanwhile", "still");
        Assert.Equal(["still"], Clients.ReadAll(broker, "meanwhile"));
        Assert.InRange(broker.WorkingSet - before, long.MinValue, MemoryThatIsNotGrowth);
    }

    [Fact]
    public async Task Connections_over_the_limit_are_closed_and_the_others_served()
    {
        await using var broker = await BrokerProcess.StartAsync("--set", "max.connections=3");
        using var first = await RawClient.ConnectAsync(broker);
        Assert.NotEmpty(await first.CallAsync(18, 0, []));
        using var second = await RawClient.ConnectAsync(broker);
        Assert.NotEmpty(await second.CallAsync(18, 0, []));
        using var third = await RawClient.ConnectAsync(broker);
        Assert.NotEmpty(await third.CallAsync(18, 0, []));
        using var fourth = await RawClient.ConnectAsync(broker);
        Assert.True(await fourth.IsClosedByBrokerAsync());
        Assert.NotEmpty(await first.CallAsync(18, 0, []));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_after_its_time()
    {
        await using var broker = await BrokerProcess.StartAsync("--set", "connections.max.idle.ms=500");
        using var raw = await RawClient.ConnectAsync(broker);
        Assert.True(await raw.IsClosedByBrokerAsync());
    }

    [Fact]
    public async Task A_newer_ApiVersions_is_answered_in_version_0_with_what_is_served()
    {
        await using var broker = await BrokerProcess.StartAsync();
        using var raw = await RawClient.ConnectAsync(broker);
        var answer = await raw.CallAsync(18, 42, []);
        Assert.Equal(35, BinaryPrimitives.ReadInt16BigEndian(answer)); // UNSUPPORTED_VERSION
        Assert.Equal(answer.Length, 6 + (BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(2)) * 6));
    }
}
