using Confluent.Kafka;

namespace Analytics.Tests.Kafka.Broker;

public sealed class ProducerTests
{
    // Kafka's error codes (org.apache.kafka.common.protocol.Errors).
    private const short None = 0;
    private const short CorruptMessage = 2;
    private const short UnknownTopicOrPartition = 3;
    private const short OutOfOrderSequenceNumber = 45;
    private const short InvalidProducerEpoch = 47;
    private const short UnknownProducerId = 59;
    private const short InvalidRecord = 87;

    [Fact]
    public async Task A_batch_that_is_sent_again_gets_its_first_offset_and_is_written_once_even_after_a_kill()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "once", 1);
        byte[][] batches = [.. Enumerable.Range(0, 6).Select(i => RawClient.Batch(4711, 0, i * 2, $"a{i}", $"b{i}"))];
        using (var raw = await RawClient.ConnectAsync(broker))
        {
            for (var i = 0; i < batches.Length; i++)
            {
                Assert.Equal((None, i * 2), await raw.ProduceAsync("once", batches[i]));
            }

            for (var i = 1; i < batches.Length; i++)
            {
                Assert.Equal((None, i * 2), await raw.ProduceAsync("once", batches[i]));
            }

            Assert.Equal(OutOfOrderSequenceNumber, (await raw.ProduceAsync("once", batches[0])).Error); // older than the last five
        }

        await broker.RestartAsync();
        using var again = await RawClient.ConnectAsync(broker);
        Assert.Equal((None, 10), await again.ProduceAsync("once", batches[5]));
        Assert.Equal((None, 2), await again.ProduceAsync("once", batches[1]));
        Assert.Equal((None, 12), await again.ProduceAsync("once", RawClient.Batch(4711, 0, 12, "next")));
        Assert.Equal(13, Clients.Watermarks(broker, "once").High.Value);
    }

    [Fact]
    public async Task A_gap_in_the_sequence_and_an_old_epoch_are_refused()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "gap", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        Assert.Equal(None, (await raw.ProduceAsync("gap", RawClient.Batch(1, 0, 0, "a"))).Error);
        Assert.Equal(OutOfOrderSequenceNumber, (await raw.ProduceAsync("gap", RawClient.Batch(1, 0, 2, "c"))).Error);
        Assert.Equal(None, (await raw.ProduceAsync("gap", RawClient.Batch(1, 1, 0, "b"))).Error);
        Assert.Equal(InvalidProducerEpoch, (await raw.ProduceAsync("gap", RawClient.Batch(1, 0, 1, "late"))).Error);
        Assert.Equal(["a", "b"], Clients.ReadAll(broker, "gap"));
    }

    [Fact]
    public async Task A_producer_goes_on_after_the_broker_lost_its_last_batches()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "lost", 1);
        using var producer = Clients.Producer(broker);
        long sizeOfTwo = 0;
        var log = Path.Combine(broker.DataFolder, "lost-0", "00000000000000000000.log");
        for (var i = 0; i < 5; i++)
        {
            await producer.ProduceAsync("lost", new Message<Null, string> { Value = $"{i}" }, TestContext.Current.CancellationToken);
            sizeOfTwo = i == 1 ? new FileInfo(log).Length : sizeOfTwo;
        }

        broker.Kill();
        await using (var file = new FileStream(log, FileMode.Open))
        {
            file.SetLength(sizeOfTwo); // as after a power cut: three acknowledged batches are gone
        }

        await broker.StartAgainAsync();
        await producer.ProduceAsync("lost", new Message<Null, string> { Value = "after" }, TestContext.Current.CancellationToken);
        await producer.ProduceAsync("lost", new Message<Null, string> { Value = "and on" }, TestContext.Current.CancellationToken);
        Assert.Equal(["0", "1", "after", "and on"], Clients.ReadAll(broker, "lost"));
    }

    [Fact]
    public async Task A_gap_is_the_brokers_own_only_in_the_first_batch_after_an_unclean_stop()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "gap", 1);
        using (var raw = await RawClient.ConnectAsync(broker))
        {
            Assert.Equal(None, (await raw.ProduceAsync("gap", RawClient.Batch(1, 0, 0, "a"))).Error);
            Assert.Equal(None, (await raw.ProduceAsync("gap", RawClient.Batch(2, 0, 0, "a"))).Error);
            Assert.Equal(OutOfOrderSequenceNumber, (await raw.ProduceAsync("gap", RawClient.Batch(1, 0, 5, "b"))).Error);
        }

        await broker.RestartAsync();
        using var after = await RawClient.ConnectAsync(broker);
        Assert.Equal(UnknownProducerId, (await after.ProduceAsync("gap", RawClient.Batch(1, 0, 5, "b"))).Error);
        Assert.Equal((None, 0), await after.ProduceAsync("gap", RawClient.Batch(1, 0, 0, "a"))); // a resend is one still
        Assert.Equal((None, 2), await after.ProduceAsync("gap", RawClient.Batch(2, 0, 1, "b")));
        Assert.Equal(OutOfOrderSequenceNumber, (await after.ProduceAsync("gap", RawClient.Batch(2, 0, 5, "c"))).Error);
    }

    [Fact]
    public async Task What_is_no_intact_batch_is_refused_and_not_written()
    {
        await using var broker = await BrokerProcess.StartAsync();
        await Clients.CreateTopicAsync(broker, "checked", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        var good = RawClient.Batch(-1, -1, -1, "good");
        byte[] flipped = [.. good[..^1], (byte)~good[^1]];
        byte[] old = [.. good];
        old[16] = 1;
        Assert.Equal(CorruptMessage, (await raw.ProduceAsync("checked", flipped)).Error);
        Assert.Equal(InvalidRecord, (await raw.ProduceAsync("checked", good[..^3])).Error);
        Assert.Equal(InvalidRecord, (await raw.ProduceAsync("checked", good[..20])).Error);
        Assert.Equal(InvalidRecord, (await raw.ProduceAsync("checked", old)).Error);
        Assert.Equal(InvalidRecord, (await raw.ProduceAsync("checked", [])).Error);
        Assert.Equal(UnknownTopicOrPartition, (await raw.ProduceAsync("nowhere", good)).Error);
        Assert.Equal((None, 0), await raw.ProduceAsync("checked", good));
        Assert.Equal(["good"], Clients.ReadAll(broker, "checked"));
    }

    [Fact]
    public async Task A_record_over_the_limit_is_refused_as_too_large_and_the_next_one_is_taken()
    {
        await using var broker = await BrokerProcess.StartAsync("--message-max-bytes", "100000");
        using var producer = Clients.Producer(broker);
        var refused = await Assert.ThrowsAsync<ProduceException<Null, string>>(() =>
            producer.ProduceAsync("limited", new Message<Null, string> { Value = new string('x', 200_000) }, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);
        await Clients.ProduceAsync(broker, "limited", "small");
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Compressed_batches_are_kept_as_they_came(CompressionType compression)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        string[] values = [.. Enumerable.Range(0, 500).Select(i => $"{i}:{new string('x', 100)}")];
        using (var producer = Clients.Producer(broker, c => (c.CompressionType, c.LingerMs) = (compression, 20)))
        {
            foreach (var value in values)
            {
                producer.Produce("compressed", new Message<Null, string> { Value = value });
            }

            producer.Flush(TestContext.Current.CancellationToken);
        }

        Assert.Equal(values, Clients.ReadAll(broker, "compressed"));
        Assert.InRange(new FileInfo(Path.Combine(broker.DataFolder, "compressed-0", "00000000000000000000.log")).Length, 100, 20_000);
    }

    [Fact]
    public async Task A_transactional_producer_is_refused_with_a_reason()
    {
        await using var broker = await BrokerProcess.StartAsync();
        using var producer = Clients.Producer(broker, c => (c.TransactionalId, c.MessageTimeoutMs) = ("t", 10_000));
        var refused = Assert.ThrowsAny<KafkaException>(() => producer.InitTransactions(TimeSpan.FromSeconds(20)));
        Assert.Contains("transactions", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offsets_are_found_by_time()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        using var producer = Clients.Producer(broker);
        for (var i = 0; i < 200; i++)
        {
            var timestamp = new Timestamp(1_700_000_000_000 + (i * 10), TimestampType.CreateTime);
            var message = new Message<Null, string> { Value = new string('x', 200), Timestamp = timestamp };
            await producer.ProduceAsync("timed", message, TestContext.Current.CancellationToken);
        }

        using var consumer = Clients.Consumer(broker, "times");
        long OffsetAt(long time) => consumer.OffsetsForTimes(
            [new TopicPartitionTimestamp("timed", 0, new Timestamp(time, TimestampType.CreateTime))], TimeSpan.FromSeconds(30))[0].Offset.Value;
        Assert.Equal(0, OffsetAt(1));
        Assert.Equal(100, OffsetAt(1_700_000_001_000));
        Assert.Equal(101, OffsetAt(1_700_000_001_001));
        Assert.Equal(199, OffsetAt(1_700_000_001_990));
        Assert.Equal(Offset.End.Value, OffsetAt(1_700_000_001_991));
    }
}
