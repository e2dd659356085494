using System.Buffers.Binary;
using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>What the disk, or whoever writes to the data folder, can do to the broker.</summary>
public sealed class StorageTests
{
    private const short None = 0;
    private const short StorageError = 56;
    private const string Segment = "00000000000000000000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_partitions_than_file_handles_are_written_and_read_over_a_restart()
    {
        const int Partitions = 400;
        await using var broker = await BrokerProcess.StartInAsync("ulimit -n 256", "--set", "log.flush.interval.ms=500");
        await Clients.CreateTopicAsync(broker, "wide", Partitions);
        using (var producer = Clients.Producer(broker))
        {
            await Task.WhenAll(Enumerable.Range(0, Partitions).Select(i =>
                producer.ProduceAsync(new TopicPartition("wide", i), new Message<Null, string> { Value = $"{i}" }, Stop)));
        }

        Assert.InRange(Directory.GetFiles($"/proc/{broker.ProcessId}/fd").Length, 1, 256);
        await broker.RestartAsync();
        using var consumer = Clients.Consumer(broker, "wide readers");
        consumer.Assign(Enumerable.Range(0, Partitions).Select(i => new TopicPartitionOffset("wide", i, Offset.Beginning)));
        var read = new SortedSet<int>();
        while (read.Count < Partitions)
        {
            read.Add(int.Parse(consumer.Consume(Stop).Message.Value, System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(Enumerable.Range(0, Partitions), read);
    }

    [Fact]
    public async Task A_topic_with_more_partitions_than_the_memory_can_carry_is_refused_with_a_sentence_and_leaves_nothing()
    {
        await using var broker = await BrokerProcess.StartInAsync("export DOTNET_GCHeapHardLimit=0x6000000"); // 96 MiB
        var refused = await Assert.ThrowsAsync<CreateTopicsException>(() => Clients.CreateTopicAsync(broker, "wide", 9000));
        Assert.Contains("memory; give at most", refused.Message, StringComparison.Ordinal);
        await Clients.CreateTopicAsync(broker, "narrow", 10);
        var added = await Assert.ThrowsAsync<CreatePartitionsException>(async () =>
        {
            using var admin = Clients.Admin(broker);
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "narrow", IncreaseTo = 9000 }]);
        });
        Assert.Contains("memory; give at most", added.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(broker.DataFolder, "wide-*"));
        Assert.Equal(10, Directory.GetDirectories(broker.DataFolder, "narrow-*").Length);
    }

    [Fact]
    public async Task A_full_disk_is_said_once_answered_by_name_and_over_when_there_is_room_again()
    {
        await SkipUnlessMountsAreAllowedAsync();
        const string SmallDisk = "mount -t tmpfs -o size=3m,nr_inodes=60 tmpfs $DATA; head -c 1000000 /dev/zero > $DATA/ballast";
        await using var broker = await BrokerProcess.StartInAsync(
            $"exec unshare --user --map-root-user --mount sh -c '{SmallDisk}; exec \"$0\" \"$@\"' \"$0\" \"$@\"", "--partitions", "1");
        await Clients.CreateTopicAsync(broker, "full", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        var batch = RawClient.Batch(-1, -1, -1, new string('x', 100_000));
        var written = 0;
        var error = None;
        for (; error == None; written += error == None ? 1 : 0)
        {
            error = (await raw.ProduceAsync("full", batch)).Error;
        }

        Assert.Equal(StorageError, error);
        Assert.Equal(StorageError, (await raw.ProduceAsync("full", batch)).Error);
        Assert.Equal(StorageError, await LogDirErrorAsync(raw));
        await broker.UntilLoggedAsync("Storage error in");
        Assert.Single(broker.Log.Split('\n'), l => l.Contains("Storage error in", StringComparison.Ordinal) && l.Contains("full-0", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", broker.Log, StringComparison.Ordinal);

        File.Delete($"/proc/{broker.ProcessId}/root{broker.DataFolder}/ballast");
        Assert.Equal((None, written), await raw.ProduceAsync("full", batch));
        var full = await Assert.ThrowsAsync<CreateTopicsException>(() => Clients.CreateTopicAsync(broker, "many", 18)); // more files than the disk takes
        Assert.Contains("can't be made", full.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories($"/proc/{broker.ProcessId}/root{broker.DataFolder}", "many-*"));
        await Clients.CreateTopicAsync(broker, "many", 3);
        Assert.Equal(None, await LogDirErrorAsync(raw));
        Assert.Equal(written + 1, Clients.ReadAll(broker, "full").Count);
    }

    [Theory]
    [InlineData("content")]
    [InlineData("length")]
    public async Task A_flipped_byte_in_the_journal_of_groups_costs_one_entry_and_is_said(string where)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "read", 1);
        using (var admin = Clients.Admin(broker))
        {
            foreach (var group in (string[])["first", "second", "third"])
            {
                await admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(group, [new TopicPartitionOffset("read", 0, 0)])]);
            }
        }

        broker.Kill();
        var journal = Path.Combine(broker.DataFolder, "group-offsets.journal");
        var bytes = await File.ReadAllBytesAsync(journal, Stop);
        var second = 8 + BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes[where == "length" ? second + 3 : second + 20] ^= 0x10;
        await File.WriteAllBytesAsync(journal, bytes, Stop);

        await broker.RestartAsync();
        await broker.UntilLoggedAsync("were skipped");
        Assert.Equal("first, third", await CommittedAsync(broker));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(journal + ".damaged", Stop));
        await broker.RestartAsync();
        Assert.Equal("first, third", await CommittedAsync(broker));
        Assert.DoesNotContain("were skipped", broker.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".index", true)]
    [InlineData(".index", false)]
    [InlineData(".timeindex", true)]
    [InlineData(".timeindex", false)]
    public async Task A_garbage_index_is_built_anew(string suffix, bool isKilled)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        string[] values = [.. Enumerable.Range(0, 300).Select(i => $"{i}:{new string('x', 200)}")];
        await Clients.ProduceAsync(broker, "indexed", values);
        if (!isKilled)
        {
            await broker.StopAsync();
        }

        broker.Kill();
        var index = Path.Combine(broker.DataFolder, "indexed-0", Segment + suffix);
        var before = await File.ReadAllBytesAsync(index, Stop);
        var garbage = new byte[before.Length + 5];
        new Random(3).NextBytes(garbage);
        await File.WriteAllBytesAsync(index, garbage, Stop);

        await broker.StartAgainAsync();
        Assert.Equal(values, Clients.ReadAll(broker, "indexed"));
        await broker.UntilLoggedAsync(isKilled ? "" : "built the indexes");
        var after = await File.ReadAllBytesAsync(index, Stop);
        Assert.True(before.AsSpan(0, Math.Min(before.Length, after.Length)).StartsWith(after.AsSpan(0, Math.Max(0, after.Length - 12))));
        Assert.NotEmpty(after);
    }

    [Fact]
    public async Task Partitions_that_the_list_of_topics_does_not_name_are_taken_over()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "old", 1);
        await broker.StopAsync();
        var list = Path.Combine(broker.DataFolder, "topics.json");
        var backup = await File.ReadAllBytesAsync(list, Stop);
        await broker.StartAgainAsync();
        await Clients.ProduceAsync(broker, "new", "kept");
        using (var admin = Clients.Admin(broker))
        {
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "old", IncreaseTo = 3 }]);
        }

        var id = (await Clients.DescribeAsync(broker, "new")).TopicId.ToString();
        await broker.StopAsync();
        await File.WriteAllBytesAsync(list, backup, Stop);

        await broker.StartAgainAsync();
        Assert.Equal(["kept"], Clients.ReadAll(broker, "new"));
        Assert.Equal(id, (await Clients.DescribeAsync(broker, "new")).TopicId.ToString());
        Assert.Equal(3, (await Clients.DescribeAsync(broker, "old")).Partitions.Count);
        await broker.UntilLoggedAsync("Took over topic new");
    }

    [Fact]
    public async Task Partitions_that_can_be_no_topic_are_refused_with_a_sentence_and_kept()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "gone", 3);
        await broker.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(broker.DataFolder, "topics.json"), "[]", Stop);
        Directory.Delete(Path.Combine(broker.DataFolder, "gone-1"), recursive: true);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(broker.StartAgainAsync);
        Assert.Contains("gone-2 is a partition that topics.json does not name, and others of its topic are missing", refused.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(broker.DataFolder, "gone-0")));
        Assert.True(Directory.Exists(Path.Combine(broker.DataFolder, "gone-2")));
    }

    [Fact]
    public async Task A_topic_deleted_while_it_is_flushed_leaves_nothing_to_one_of_the_same_name()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1", "--set", "log.flush.interval.ms=1");
        for (var round = 0; round < 15; round++)
        {
            await Clients.CreateTopicAsync(broker, "again", 1);
            using (var raw = await RawClient.ConnectAsync(broker))
            {
                for (var i = 0; i < 10; i++)
                {
                    Assert.Equal((None, i), await raw.ProduceAsync("again", RawClient.Batch(1, 0, i, "x")));
                }
            }

            using var admin = Clients.Admin(broker);
            await admin.DeleteTopicsAsync(["again"]);
            Assert.False(Directory.Exists(Path.Combine(broker.DataFolder, "again-0")));
        }

        await broker.RestartAsync();
        await Clients.CreateTopicAsync(broker, "again", 1);
        Assert.Equal(0, Clients.Watermarks(broker, "again").High.Value);
        using var anew = await RawClient.ConnectAsync(broker);
        Assert.Equal((None, 0), await anew.ProduceAsync("again", RawClient.Batch(1, 0, 0, "x")));
    }

    [Fact]
    public async Task A_deletion_that_was_killed_in_the_middle_is_ended_by_the_next_start()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "half", 3);
        await broker.StopAsync();
        var list = Path.Combine(broker.DataFolder, "topics.json");
        var text = await File.ReadAllTextAsync(list, Stop);
        await File.WriteAllTextAsync(list, text.Replace("\"partitions\": 3", "\"isBeingDeleted\": true, \"partitions\": 3", StringComparison.Ordinal), Stop);
        Directory.Delete(Path.Combine(broker.DataFolder, "half-1"), recursive: true);

        await broker.StartAgainAsync();
        Assert.Empty(Directory.GetDirectories(broker.DataFolder, "half-*"));
        using var admin = Clients.Admin(broker);
        Assert.DoesNotContain(admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics, t => t.Topic == "half");
    }

    [Fact]
    public async Task The_folders_of_new_files_are_brought_to_the_disk()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed");
        var trace = Path.Combine(Path.GetTempPath(), $"kafka-broker-{Guid.NewGuid():N}.trace");
        await using (var broker = await BrokerProcess.StartAsync("--partitions", "1", "--set", "log.flush.interval.ms=100"))
        {
            string[] arguments = ["-f", "-y", "-e", "trace=fsync", "-o", trace, "-p", $"{broker.ProcessId}"];
            using var strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
            var said = await strace.StandardError.ReadLineAsync(Stop);
            Assert.SkipUnless(said?.Contains("attached", StringComparison.Ordinal) ?? false, $"strace may not attach here: {said}");
            await Clients.ProduceAsync(broker, "synced", "one");
            string[] folders = [$"<{broker.DataFolder}>", $"<{broker.DataFolder}/synced-0>", $"{Segment}.log>"];
            for (var calls = ""; !folders.All(f => calls.Contains(f, StringComparison.Ordinal)); calls = await File.ReadAllTextAsync(trace, Stop))
            {
                await Task.Delay(50, Stop);
            }
        }

        File.Delete(trace);
    }

    private static async Task<string> CommittedAsync(BrokerProcess broker)
    {
        using var admin = Clients.Admin(broker);
        var committed = new List<string>();
        foreach (var group in (string[])["first", "second", "third"])
        {
            var offsets = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, [new TopicPartition("read", 0)])]);
            committed.AddRange(offsets[0].Partitions[0].Offset == 0 ? [group] : []);
        }

        return string.Join(", ", committed);
    }

    /// <summary>The error code that DescribeLogDirs (version 1) has for the data folder.</summary>
    private static async Task<short> LogDirErrorAsync(RawClient raw) =>
        BinaryPrimitives.ReadInt16BigEndian((await raw.CallAsync(35, 1, RawClient.Int32(-1))).AsSpan(8));

    private static async Task SkipUnlessMountsAreAllowedAsync()
    {
        using var probe = Process.Start(new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "true"]) { RedirectStandardError = true })!;
        await probe.WaitForExitAsync(Stop);
        Assert.SkipUnless(probe.ExitCode == 0, "user namespaces are not allowed here");
    }
}
