using System.IO.Compression;
using Confluent.Kafka;
using K4os.Compression.LZ4.Streams;
using ZstdSharp;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>A batch that no consumer could read does not get into a log.</summary>
public sealed class BatchTests
{
    private const short None = 0;
    private const short InvalidTimestamp = 32;
    private const short InvalidRecord = 87;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Compressed_records_are_unpacked_and_checked(short compression)
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "packed", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        byte[] two = [.. RawClient.Record(0, new string('a', 100_000)), .. RawClient.Record(1, "b")];
        var packed = Pack(compression, two);
        var random = new byte[300];
        new Random(compression).NextBytes(random);

        Assert.Equal((None, 0), await raw.ProduceAsync("packed", RawClient.Batch(packed, 2, compression)));
        foreach (var bad in (byte[][])[random, [], packed[..^1], packed[..^9], packed[..(packed.Length / 2)], Pack(compression, random), Pack(compression, [])])
        {
            Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("packed", RawClient.Batch(bad, 2, compression)));
        }

        Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("packed", RawClient.Batch(packed, 1, compression)));
        Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("packed", RawClient.Batch(packed, 3, compression)));
        Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("packed", RawClient.Batch(Pack(compression, [.. two, 7]), 2, compression)));
        Assert.Equal([new string('a', 100_000), "b"], Clients.ReadAll(broker, "packed"));
    }

    [Fact]
    public async Task Records_that_are_not_what_their_batch_says_are_refused()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "plain", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        var one = RawClient.Record(0, "one");
        byte[][] bad =
        [
            RawClient.Batch(one, 2, 0),
            RawClient.Batch([.. one, 1, 2], 1, 0),
            RawClient.Batch([.. one, .. RawClient.Record(5, "two")], 2, 0),
            RawClient.Batch(RawClient.Record(0, "one", headers: RawClient.Varint(-1)), 1, 0),
            RawClient.Batch(RawClient.Record(0, "one", headers: RawClient.Varint(5)), 1, 0),
            RawClient.Batch(RawClient.Record(0, "one", headers: [.. RawClient.Varint(1), .. RawClient.Varint(-1), .. RawClient.Varint(-1)]), 1, 0),
            RawClient.Batch([.. RawClient.Varint(500), .. one[1..]], 1, 0),
            RawClient.Batch([], 0, 0),
            RawClient.Batch(one, 1, 0x20), // a control batch
            [.. RawClient.Batch(one, 1, 0), .. RawClient.Batch(one, 1, 0)],
        ];
        foreach (var batch in bad)
        {
            Assert.Equal((InvalidRecord, -1), await raw.ProduceAsync("plain", batch));
        }

        Assert.Equal((None, 0), await raw.ProduceAsync("plain", RawClient.Batch(one, 1, 0)));
    }

    [Fact]
    public async Task A_batch_that_unpacks_to_gigabytes_costs_neither_memory_nor_minutes()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "bomb", 1);
        using var raw = await RawClient.ConnectAsync(broker);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // One record of 1 GB: its length, then 0 for all its fields.
            gzip.Write(RawClient.Varint(1_000_000_000));
            gzip.Write([0, 0, 0, .. RawClient.Varint(-1), .. RawClient.Varint(999_999_000)]);
            var zeros = new byte[1_000_000];
            for (var i = 0; i < 200; i++)
            {
                gzip.Write(zeros);
            }
        }

        var before = broker.WorkingSet;
        Assert.Equal(InvalidRecord, (await raw.ProduceAsync("bomb", RawClient.Batch(packed.ToArray(), 1, 1))).Error);
        Assert.InRange(broker.WorkingSet - before, long.MinValue, 60_000_000);
    }

    [Fact]
    public async Task A_header_that_lies_about_its_times_is_put_right_and_times_are_found_in_compressed_batches()
    {
        await using var broker = await BrokerProcess.StartAsync("--partitions", "1");
        await Clients.CreateTopicAsync(broker, "timed", 1, ("message.timestamp.before.max.ms", "9000000000000"));
        using var raw = await RawClient.ConnectAsync(broker);
        byte[] records = [.. RawClient.Record(0, "a"), .. RawClient.Record(1, "b", timestampDelta: 5000), .. RawClient.Record(2, "c", timestampDelta: 3000)];
        Assert.Equal((None, 0), await raw.ProduceAsync("timed", RawClient.Batch(Pack(4, records), 3, 4, maxTimestamp: 9)));
        using var consumer = Clients.Consumer(broker, "times");
        long OffsetAt(long time) => consumer.OffsetsForTimes(
            [new TopicPartitionTimestamp("timed", 0, new Timestamp(time, TimestampType.CreateTime))], TimeSpan.FromSeconds(30))[0].Offset.Value;
        Assert.Equal(0, OffsetAt(1_700_000_000_000));
        Assert.Equal(1, OffsetAt(1_700_000_000_001));
        Assert.Equal(1, OffsetAt(1_700_000_005_000));
        Assert.Equal(Offset.End.Value, OffsetAt(1_700_000_005_001));

        Assert.Equal((None, 3), await raw.ProduceAsync("timed", RawClient.Batch(RawClient.Record(0, "a"), 1, 0, maxTimestamp: long.MaxValue)));
        await Clients.CreateTopicAsync(broker, "recent", 1, ("message.timestamp.before.max.ms", "1000"));
        Assert.Equal((InvalidTimestamp, -1), await raw.ProduceAsync("recent", RawClient.Batch(RawClient.Record(0, "a"), 1, 0)));
    }

    private static byte[] Pack(short compression, byte[] records)
    {
        using var packed = new MemoryStream();
        using (Stream packer = compression switch
        {
            1 => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            3 => LZ4Stream.Encode(packed, leaveOpen: true),
            4 => new CompressionStream(packed, leaveOpen: true),
            _ => new MemoryStream(),
        })
        {
            packer.Write(records);
        }

        return compression == 2 ? Snappier.Snappy.CompressToArray(records) : packed.ToArray();
    }
}
