using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using global::ZooKeeper.Server;
using static Analytics.Tests.ZooKeeper.RawClient;

namespace Analytics.Tests.ZooKeeper;

/// <summary>What was acknowledged is there after a kill, a power cut and a damaged file, or the server says that it is not.</summary>
public sealed class DurabilityTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kills_at_random_moments_lose_nothing_acknowledged()
    {
        var random = new Random(20);
        await using var server = await ServerProcess.StartAsync("snapCount=300", "maxClientCnxns=0", "tickTime=2000");
        var oracle = new Oracle();
        var survivor = await RawClient.ConnectAsync(server.Port, 40_000);
        Assert.Equal(0, (await survivor.CreateAsync("/seq")).Error);
        Assert.Equal(0, (await survivor.CreateAsync("/survivor", flags: Ephemeral)).Error);
        for (var round = 0; round < 6; round++)
        {
            var writers = Enumerable.Range(0, 4).Select(writer => oracle.WriteUntilGoneAsync(server.Port, $"/w{writer}", Stop)).ToArray();
            await oracle.HasMoreAsync(random.Next(20, 200), writers, Stop);
            server.Kill();
            await Task.WhenAll(writers);
            await survivor.DropAsync();
            await server.StartAgainAsync();
            Assert.DoesNotContain("digest", server.Log, StringComparison.Ordinal);
            survivor = await RawClient.ResumeAsync(server.Port, survivor, 40_000);
            Assert.Equal(survivor.SessionId, (await survivor.ExistsAsync("/survivor")).Stat!.EphemeralOwner);
            await oracle.CheckAsync(survivor);
        }

        await survivor.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Power_cuts_at_random_moments_lose_nothing_acknowledged(int seed)
    {
        var random = new Random(seed);
        var (folder, oracle) = (Directory.CreateTempSubdirectory("zookeeper-"), new Oracle());
        try
        {
            for (var round = 0; round < 8; round++)
            {
                var disk = new ForgetfulDisk(folder.FullName, random);
                var log = new ListLogger();
                await using (var server = await StartAsync(folder.FullName, disk, log))
                {
                    await using (var reader = await RawClient.ConnectAsync(server.EndPoint.Port))
                    {
                        await reader.CreateAsync("/seq");
                        await oracle.CheckAsync(reader);
                    }

                    var writers = Enumerable.Range(0, 3).Select(w => oracle.WriteUntilGoneAsync(server.EndPoint.Port, $"/w{w}", Stop)).ToArray();
                    await oracle.HasMoreAsync(random.Next(10, 80), writers, Stop);
                    disk.CutPower();
                    await Task.WhenAll(writers);
                    await Assert.ThrowsAsync<IOException>(() => server.Failure.WaitAsync(TimeSpan.FromSeconds(10), Stop));
                }

                disk.LoseWhatWasNotFlushed();
                Assert.DoesNotContain(log.Lines, line => line.Contains("digest", StringComparison.Ordinal));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("half a record")]
    [InlineData("a record with a wrong checksum")]
    [InlineData("garbage")]
    public async Task A_torn_end_of_the_log_is_cut_and_said(string tail)
    {
        await using var server = await ServerProcess.StartAsync();
        await WriteAsync(server, "/a", "/b", "/c");
        Assert.Equal(0, await server.StopAsync());
        var log = Path.Combine(server.Files, "log.1");
        var whole = await File.ReadAllBytesAsync(log, Stop);
        var last = LastRecord(whole);
        byte[] torn = tail switch
        {
            "half a record" => [.. whole, .. last[..(last.Length / 2)]],
            "garbage" => [.. whole, .. Enumerable.Range(1, 3000).Select(i => (byte)i)],
            _ => [.. whole, .. last[..20], (byte)~last[20], .. last[21..]],
        };
        await File.WriteAllBytesAsync(log, torn, Stop);
        await server.StartAgainAsync();
        await using var client = await RawClient.ConnectAsync(server.Port);
        Assert.Equal(["a", "b", "c", "zookeeper"], (await client.ChildrenAsync("/")).Names);
        Assert.Contains($"was cut at byte {whole.Length}", server.Log, StringComparison.Ordinal);
        Assert.Equal(whole.Length, new FileInfo(log).Length);
    }

    [Theory]
    [InlineData("a byte of the log")]
    [InlineData("a log file")]
    [InlineData("the only snapshot")]
    public async Task A_broken_or_missing_middle_keeps_it_from_starting_with_one_sentence(string broken)
    {
        await using var server = await ServerProcess.StartAsync();
        await WriteAsync(server, "/a", "/b");
        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        await WriteAsync(server, "/c", "/d");
        Assert.Equal(0, await server.StopAsync());
        var logs = Directory.GetFiles(server.Files, "log.*").OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal).ToArray();
        Assert.Equal(2, logs.Length);
        switch (broken)
        {
            case "a byte of the log":
                var bytes = await File.ReadAllBytesAsync(logs[1], Stop);
                bytes[60] ^= 1;
                await File.WriteAllBytesAsync(logs[1], bytes, Stop);
                break;
            case "a log file":
                File.Delete(logs[0]);
                break;
            default:
                var snapshot = Path.Combine(server.Files, "snapshot.0");
                var content = await File.ReadAllBytesAsync(snapshot, Stop);
                content[100] ^= 1;
                await File.WriteAllBytesAsync(snapshot, content, Stop);
                break;
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(server.StartAgainAsync);
        Assert.Matches(
            broken switch
            {
                "a byte of the log" => @"log\.5 is broken at byte 16, and whole transactions follow",
                "a log file" => "The transactions 0x1 to 0x4 are missing before .*log.5; restore the folder from a copy",
                _ => "None of the 1 snapshots in .* can be read; restore the folder from a copy",
            },
            refused.Message);
    }

    [Fact]
    public async Task Snapshots_are_taken_while_it_serves_and_old_files_go()
    {
        await using var server = await ServerProcess.StartAsync("snapCount=100", "autopurge.snapRetainCount=2");
        await using (var client = await RawClient.ConnectAsync(server.Port))
        {
            await client.CreateAsync("/n");
            for (var round = 0; round < 5; round++)
            {
                for (var i = 0; i < 120; i++)
                {
                    await client.SetAsync("/n", $"{round}-{i}");
                    await client.CreateAsync($"/n/{round}-{i}");
                }

                await Task.Delay(600, Stop); // snapshots are looked for twice a second
            }
        }

        server.Kill();
        Assert.InRange(Directory.GetFiles(server.Files, "snapshot.*").Length, 2, 2);
        Assert.InRange(Directory.GetFiles(server.Files, "log.*").Length, 1, 4);
        await server.StartAgainAsync();
        await using var reader = await RawClient.ConnectAsync(server.Port);
        var (_, data, stat) = await reader.GetAsync("/n");
        Assert.Equal(("4-119", 600, 600), (data, stat!.Version, stat.NumChildren));
        Assert.DoesNotContain("digest", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_and_nodes_with_a_time_to_live_go_by_themselves_and_over_a_restart()
    {
        await using var server = await ServerProcess.StartAsync("znode.container.checkIntervalMs=100");
        await using (var client = await RawClient.ConnectAsync(server.Port))
        {
            await client.Create2Async("/container", type: 19, flags: 4);
            await client.Create2Async("/lives", type: 21, flags: 5, ttl: 60_000);
            await client.Create2Async("/ends", type: 21, flags: 5, ttl: 1_000);
            await client.CreateAsync("/container/child");
        }

        server.Kill();
        await server.StartAgainAsync();
        await using var watcher = await RawClient.ConnectAsync(server.Port);
        Assert.Equal(0, (await watcher.ExistsAsync("/container")).Error);
        await watcher.DeleteAsync("/container/child");
        await UntilGoneAsync(watcher, "/container");
        await UntilGoneAsync(watcher, "/ends");
        Assert.Equal(["lives", "zookeeper"], (await watcher.ChildrenAsync("/")).Names);
    }

    [Fact]
    public async Task Apaches_tools_read_its_files_and_Apaches_server_starts_on_them()
    {
        Assert.SkipUnless(ApacheServer.KafkaHome is not null, ApacheServer.MissingReason);
        await using var server = await ServerProcess.StartAsync("snapCount=50");
        await FillAsync(server.Port);
        await Task.Delay(600, Stop); // snapshots are looked for twice a second
        await WriteAsync(server, "/after-snapshot");
        server.Kill();

        var logs = Directory.GetFiles(server.Files, "log.*");
        foreach (var log in logs)
        {
            Assert.Contains("EOF reached after", await ApacheServer.RunToolAsync("org.apache.zookeeper.server.persistence.TxnLogToolkit", "-d", log),
                StringComparison.Ordinal);
        }

        var snapshots = Directory.GetFiles(server.Files, "snapshot.*");
        Assert.True(snapshots.Length > 1);
        foreach (var snapshot in snapshots)
        {
            Assert.Contains("/zookeeper/config", await ApacheServer.RunToolAsync("org.apache.zookeeper.server.SnapshotFormatter", snapshot),
                StringComparison.Ordinal);
        }

        var here = await TreeAsync(await StartedAsync(server));
        server.Kill();
        await using var apache = await ApacheServer.StartAsync(server.DataFolder);
        Assert.Equal(here, await TreeAsync(apache.Port));
        Assert.DoesNotContain("mismatch", apache.Log, StringComparison.OrdinalIgnoreCase); // of the digest after each transaction
        Assert.DoesNotContain("not matching", apache.Log, StringComparison.OrdinalIgnoreCase);

        // And back: Apache's server writes on, is killed, and this one reads what it left.
        await FillAsync(apache.Port, "apache");
        var there = await TreeAsync(apache.Port);
        apache.Kill();
        await server.StartAgainAsync();
        Assert.Equal(there, await TreeAsync(server.Port));
        Assert.DoesNotContain("digest", server.Log, StringComparison.Ordinal);
    }

    private static async Task UntilGoneAsync(RawClient client, string path)
    {
        if ((await client.ExistsAsync(path, watch: true)).Error == 0)
        {
            Assert.Equal($"deleted {path}", (await client.EventAsync()).ToString());
        }
    }

    private static async Task<int> StartedAsync(ServerProcess server)
    {
        await server.StartAgainAsync();
        return server.Port;
    }

    private static Task<ZooKeeperServer> StartAsync(string folder, ForgetfulDisk disk, ListLogger log) => ZooKeeperServer.StartAsync(
        new(new Dictionary<string, string> { ["snapCount"] = "100", ["maxClientCnxns"] = "0" })
        {
            DataFolder = folder,
            Listen = new(IPAddress.Loopback, 0),
            Disk = disk,
            Logger = log,
        },
        Stop);

    private static async Task WriteAsync(ServerProcess server, params string[] paths)
    {
        await using var client = await RawClient.ConnectAsync(server.Port);
        foreach (var path in paths)
        {
            Assert.Equal(0, (await client.CreateAsync(path)).Error);
        }
    }

    /// <summary>Every kind of transaction.</summary>
    private static async Task FillAsync(int port, string top = "filled")
    {
        await using var client = await RawClient.ConnectAsync(port);
        await client.AuthenticateAsync("digest", "user:password");
        await client.CreateAsync($"/{top}", acl: [new(31, "world", "anyone"), new(1, "auth", "")]);
        await client.Create2Async($"/{top}/container", type: 19, flags: 4);
        await client.Create2Async($"/{top}/ttl", type: 21, flags: 5, ttl: 3_600_000);
        await client.CreateAsync($"/{top}/null", null);
        for (var i = 0; i < 60; i++)
        {
            await client.CreateAsync($"/{top}/s", $"{i} ü", Sequential);
            await client.SetAsync($"/{top}", $"{i}");
        }

        await client.SetAclAsync($"/{top}/null", [new(31, "ip", "127.0.0.1")]);
        await client.CreateAsync($"/{top}/e", flags: Ephemeral);
        await client.MultiAsync(CreatePart($"/{top}/m"), SetPart($"/{top}/m", "multi"), DeletePart($"/{top}/s0000000005"), CheckPart($"/{top}/m", 1));
        await client.MultiAsync(CreatePart($"/{top}/m"));
    }

    /// <summary>Every node with its data, list and numbers.</summary>
    private static async Task<List<string>> TreeAsync(int port)
    {
        await using var client = await RawClient.ConnectAsync(port);
        var (all, left) = (new List<string>(), new Queue<string>(["/"]));
        while (left.TryDequeue(out var path))
        {
            var (_, data, stat) = await client.GetAsync(path);
            var acl = string.Join(',', (await client.GetAclAsync(path)).Acl.Select(entry => $"{entry}"));
            all.Add($"{path} {data} {acl} {stat}");
            foreach (var name in (await client.ChildrenAsync(path)).Names)
            {
                left.Enqueue($"{path.TrimEnd('/')}/{name}");
            }
        }

        return all;
    }

    private static byte[] LastRecord(byte[] log)
    {
        var (at, start) = (16, 16);
        while (at + 12 < log.Length && System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + 8)) is > 0 and var length)
        {
            (start, at) = (at, at + length + 13);
        }

        return log[start..at];
    }

    /// <summary>What was acknowledged: the value of each writer's node, and every sequential node.</summary>
    private sealed class Oracle
    {
        private readonly ConcurrentDictionary<string, (int Acknowledged, int Sent)> _values = new();
        private readonly ConcurrentDictionary<string, bool> _sequential = new();

        private int Acknowledged => _values.Values.Sum(value => value.Acknowledged) + _sequential.Count;

        /// <summary>Waits until as many more writes were acknowledged: a machine that is busy writes less in the same time.</summary>
        public async Task HasMoreAsync(int writes, Task[] writers, CancellationToken stop)
        {
            var enough = Acknowledged + writes;
            while (Acknowledged < enough)
            {
                Assert.DoesNotContain(writers, writer => writer.IsCompleted);
                await Task.Delay(1, stop);
            }
        }

        public async Task WriteUntilGoneAsync(int port, string path, CancellationToken stop)
        {
            try
            {
                await using var client = await RawClient.ConnectAsync(port);
                await client.CreateAsync(path, "0");
                for (var value = _values.GetValueOrDefault(path).Sent + 1; ; value++)
                {
                    stop.ThrowIfCancellationRequested();
                    _values[path] = (_values.GetValueOrDefault(path).Acknowledged, value);
                    var writing = await client.StartAsync(5, new JuteOut().Text(path).Text($"{value}").Int(-1));
                    var (error, name) = await client.CreateAsync("/seq/n", flags: Sequential);
                    Assert.Equal(0, (await writing).Error);
                    _values[path] = (value, value);
                    Assert.Equal(0, error);
                    Assert.True(_sequential.TryAdd(name!, true), $"{name} was given twice");
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Gone.
            }
        }

        public async Task CheckAsync(RawClient client)
        {
            foreach (var (path, (acknowledged, sent)) in _values)
            {
                var (error, data, _) = await client.GetAsync(path);
                Assert.True(
                    error == 0 ? int.Parse(data!, CultureInfo.InvariantCulture) is var value && value >= acknowledged && value <= sent : acknowledged == 0,
                    $"{path} is '{data}' ({error}), {acknowledged} was acknowledged and {sent} sent");
            }

            var there = (await client.ChildrenAsync("/seq")).Names.Select(name => $"/seq/{name}").ToHashSet();
            Assert.Subset(there, _sequential.Keys.ToHashSet());
        }
    }
}
