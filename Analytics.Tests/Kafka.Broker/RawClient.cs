using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace Analytics.Tests.Kafka.Broker;

/// <summary>Kafka's protocol by hand, for what no client library would send.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawClient> ConnectAsync(BrokerProcess broker)
    {
        var raw = new RawClient();
        await raw._client.ConnectAsync(IPAddress.Loopback, broker.Port, TestContext.Current.CancellationToken);
        return raw;
    }

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Sends a request in a header of version 1 and returns the answer after its correlation id.</summary>
    public async Task<byte[]> CallAsync(short key, short version, byte[] body)
    {
        await SendAsync(Frame(key, version, body));
        var length = new byte[4];
        await _client.GetStream().ReadExactlyAsync(length, TestContext.Current.CancellationToken);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await _client.GetStream().ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        return answer[4..];
    }

    /// <summary>Reads until the broker closes the connection; false if that takes longer than the given time.</summary>
    public async Task<bool> IsClosedByBrokerAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            var buffer = new byte[4096];
            while (await _client.GetStream().ReadAsync(buffer, deadline.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public static byte[] Frame(short key, short version, byte[] body) =>
        [.. Int32(8 + 2 + 3 + body.Length), .. Int16(key), .. Int16(version), .. Int32(7), .. String("raw"), .. body];

    /// <summary>Produces one batch to partition 0 (version 7, acks=-1); the answer's error code and base offset.</summary>
    public async Task<(short Error, long BaseOffset)> ProduceAsync(string topic, byte[] batch)
    {
        byte[] partition = [.. Int32(0), .. Int32(batch.Length), .. batch];
        var answer = await CallAsync(0, 7, [.. Int16(-1), .. Int16(-1), .. Int32(30_000), .. Int32(1), .. String(topic), .. Int32(1), .. partition]);
        var at = 4 + 2 + topic.Length + 4 + 4;
        return (BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(at)), BinaryPrimitives.ReadInt64BigEndian(answer.AsSpan(at + 2)));
    }

    /// <summary>Where a leader epoch of partition 0 ended (OffsetForLeaderEpoch, version 2), asked by one who believes in another.</summary>
    public async Task<(short Error, int Epoch, long EndOffset)> EndOfEpochAsync(string topic, int current, int epoch)
    {
        var answer = await CallAsync(23, 2, [.. Int32(1), .. String(topic), .. Int32(1), .. Int32(0), .. Int32(current), .. Int32(epoch)]);
        var at = 4 + 4 + 2 + topic.Length + 4;
        return (
            BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(at)),
            BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at + 6)),
            BinaryPrimitives.ReadInt64BigEndian(answer.AsSpan(at + 10)));
    }

    /// <summary>A fetch of partition 0 (version 9) by one who believes in a leader epoch; the error code.</summary>
    public async Task<short> FetchAsync(string topic, int current, long offset)
    {
        byte[] partition = [.. Int32(0), .. Int32(current), .. Int64(offset), .. Int64(-1), .. Int32(1000)];
        byte[] head = [.. Int32(-1), .. Int32(0), .. Int32(0), .. Int32(1000), 0, .. Int32(0), .. Int32(-1)];
        var answer = await CallAsync(1, 9, [.. head, .. Int32(1), .. String(topic), .. Int32(1), .. partition, .. Int32(0)]);
        return BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(4 + 2 + 4 + 4 + 2 + topic.Length + 4 + 4));
    }

    /// <summary>Offset and leader epoch of partition 0 for a timestamp (ListOffsets, version 4).</summary>
    public async Task<(short Error, long Offset, int Epoch)> ListOffsetAsync(string topic, int current, long timestamp)
    {
        var answer = await CallAsync(2, 4, [.. Int32(-1), 0, .. Int32(1), .. String(topic), .. Int32(1), .. Int32(0), .. Int32(current), .. Int64(timestamp)]);
        var at = 4 + 4 + 2 + topic.Length + 4 + 4;
        return (
            BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(at)),
            BinaryPrimitives.ReadInt64BigEndian(answer.AsSpan(at + 10)),
            BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at + 18)));
    }

    /// <summary>A fetch of partition 0 from an offset on (version 4).</summary>
    public static byte[] FetchBody(string topic, long offset, int maxBytes) =>
    [
        .. Int32(-1), .. Int32(0), .. Int32(0), .. Int32(maxBytes), 0, .. Int32(1), .. String(topic),
        .. Int32(1), .. Int32(0), .. Int64(offset), .. Int32(maxBytes),
    ];

    /// <summary>An uncompressed record batch, format v2.</summary>
    public static byte[] Batch(long producerId, short epoch, int sequence, params string[] values) =>
        Batch([.. values.SelectMany((value, i) => Record(i, value))], values.Length, 0, producerId, epoch, sequence);

    /// <summary>A record batch of any bytes, with the header's number of records and its attributes, and a CRC that is right.</summary>
    public static byte[] Batch(
        byte[] records, int count, short attributes, long producerId = -1, short epoch = -1, int sequence = -1, long maxTimestamp = 1_700_000_000_000)
    {
        byte[] fromAttributes =
        [
            .. Int16(attributes), .. Int32(count - 1), .. Int64(1_700_000_000_000), .. Int64(maxTimestamp),
            .. Int64(producerId), .. Int16(epoch), .. Int32(sequence), .. Int32(count), .. records,
        ];
        return [.. Int64(0), .. Int32(9 + fromAttributes.Length), .. Int32(-1), 2, .. Int32((int)Crc32C(fromAttributes)), .. fromAttributes];
    }

    /// <summary>A record of format v2.</summary>
    public static byte[] Record(int offsetDelta, string value, string? key = null, int timestampDelta = 0, byte[]? headers = null)
    {
        var text = Encoding.UTF8.GetBytes(value);
        var keyBytes = key is null ? Varint(-1) : [.. Varint(key.Length), .. Encoding.UTF8.GetBytes(key)];
        byte[] content = [0, .. Varint(timestampDelta), .. Varint(offsetDelta), .. keyBytes, .. Varint(text.Length), .. text, .. headers ?? [0]];
        return [.. Varint(content.Length), .. content];
    }

    public static byte[] Varint(int value)
    {
        var zigzag = (uint)((value << 1) ^ (value >> 31));
        var bytes = new List<byte>();
        for (; zigzag >= 0x80; zigzag >>= 7)
        {
            bytes.Add((byte)(zigzag | 0x80));
        }

        return [.. bytes, (byte)zigzag];
    }

    private static uint Crc32C(byte[] bytes) => ~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C);

    public static byte[] Int16(short value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Int64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] String(string value) => [.. Int16((short)value.Length), .. Encoding.ASCII.GetBytes(value)];

    public void Dispose() => _client.Dispose();
}
