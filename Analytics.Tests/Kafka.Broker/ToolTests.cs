using System.Diagnostics;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>kcat and Apache's own tools, unmodified.</summary>
public sealed class ToolTests
{
    private const string Lines = "1\n2\n3\n4\n5\n";

    [Fact]
    public async Task Kcat_lists_produces_consumes_and_queries()
    {
        Assert.SkipUnless(FindOnPath("kcat") is not null, "kcat is not installed");
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await RunAsync("kcat", Lines, "-b", broker.BootstrapServers, "-P", "-t", "cats", "-X", "acks=all");
        Assert.Equal(Lines, await RunAsync("kcat", "", "-b", broker.BootstrapServers, "-C", "-t", "cats", "-e", "-q"));
        Assert.Contains("topic \"cats\" with 1 partitions", await RunAsync("kcat", "", "-b", broker.BootstrapServers, "-L"), StringComparison.Ordinal);
        Assert.Contains("cats [0] offset 5", await RunAsync("kcat", "", "-b", broker.BootstrapServers, "-Q", "-t", "cats:0:-1"), StringComparison.Ordinal);
        string[] asGroup = ["-G", "cat-group", "-c", "5", "-q", "-X", "auto.offset.reset=earliest", "cats"];
        Assert.Equal(Lines, await RunAsync("kcat", "", ["-b", broker.BootstrapServers, .. asGroup]));
    }

    [Theory]
    [InlineData("4.3.0")]
    [InlineData("3.9.2", Skip = LongTests.Reason, SkipType = typeof(LongTests), SkipUnless = nameof(LongTests.AreWanted))]
    public async Task Apaches_tools_create_produce_consume_by_group_and_read_the_files(string version)
    {
        var bin = await FindApacheAsync(version);
        await using var broker = await BrokerProcess.StartAsync();
        var at = broker.BootstrapServers;
        await RunAsync($"{bin}/kafka-topics.sh", "", "--bootstrap-server", at, "--create", "--topic", "tools", "--partitions", "1");
        await RunAsync($"{bin}/kafka-console-producer.sh", Lines, "--bootstrap-server", at, "--topic", "tools");
        var consumed = await RunAsync(
            $"{bin}/kafka-console-consumer.sh", "",
            "--bootstrap-server", at, "--topic", "tools", "--group", "tool-group", "--from-beginning", "--max-messages", "5");
        Assert.EndsWith(Lines, consumed, StringComparison.Ordinal);
        var group = await RunAsync($"{bin}/kafka-consumer-groups.sh", "", "--bootstrap-server", at, "--describe", "--group", "tool-group");
        Assert.Matches(@"tool-group\s+tools\s+0\s+5\s+5\s+0", group);
        var log = Path.Combine(broker.DataFolder, "tools-0", "00000000000000000000");
        var dump = await RunAsync($"{bin}/kafka-dump-log.sh", "", "--deep-iteration", "--files", $"{log}.log,{log}.index,{log}.timeindex");
        Assert.Contains("lastOffset: 4", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("isvalid: false", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apaches_dump_finds_nothing_wrong_in_rolled_segments_indexes_and_snapshots()
    {
        var bin = await FindApacheAsync("4.3.0");
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "rolled", 1, ("segment.bytes", "100000"));
        await Clients.ProduceAsync(broker, "rolled", [.. Enumerable.Range(0, 300).Select(i => $"{i}:{new string('x', 1000)}")]);
        Assert.Equal(0, await broker.StopAsync());
        string[] files = [.. Directory.GetFiles(Path.Combine(broker.DataFolder, "rolled-0"), "0*").Order(StringComparer.Ordinal)];
        Assert.Equal(4, files.Count(f => f.EndsWith(".log", StringComparison.Ordinal)));
        Assert.Single(files, f => f.EndsWith(".snapshot", StringComparison.Ordinal));

        var dump = await RunAsync($"{bin}/kafka-dump-log.sh", "", "--verify-index-only", "--files", string.Join(',', files));
        Assert.DoesNotContain("Mismatches", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("isvalid: false", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("Found", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", dump, StringComparison.Ordinal);
    }

    /// <summary>The `bin` folder of Apache Kafka from `../shared/kafka`, beside the repository.</summary>
    private static async Task<string> FindApacheAsync(string version)
    {
        Assert.SkipUnless(FindOnPath("java") is not null, "Java is not installed");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var kafka = Path.Combine(folder.FullName, "..", "shared", "kafka", "kafka");
            if (File.Exists(kafka))
            {
                return Path.Combine((await RunAsync(kafka, "", "home", version)).Trim(), "bin");
            }
        }

        Assert.Skip("Apache Kafka is not at ../shared/kafka beside the repository");
        return "";
    }

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var stop = TestContext.Current.CancellationToken;
        var error = process.StandardError.ReadToEndAsync(stop);
        await process.StandardInput.WriteAsync(input.AsMemory(), stop);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{await error}");
        return output;
    }
}
