using System.Buffers.Binary;

namespace Ingest.Worker.Publish;

/// <summary>Which partition a message goes to, as Apache Kafka's own clients choose it: MurmurHash2 of the key, so that every client agrees.</summary>
internal static class Partitioner
{
    private const uint Seed = 0x9747b28c;
    private const uint M = 0x5bd1e995;
    private const int R = 24;

    /// <summary>The partition of a key; of a message without one, the partition of its place in the file.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, bool isKeyed, long index, int partitions) =>
        isKeyed ? (int)((Murmur2(key) & 0x7fffffff) % (uint)partitions) : (int)(index % partitions);

    /// <summary>MurmurHash2, 32 bits, with the seed of Kafka's <c>Utils.murmur2</c>.</summary>
    private static uint Murmur2(ReadOnlySpan<byte> data)
    {
        var hash = Seed ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * M;
            hash = hash * M ^ (k ^ k >> R) * M;
        }

        if (data.Length > 0)
        {
            for (var i = data.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)data[i] << (8 * i);
            }

            hash *= M;
        }

        hash = (hash ^ hash >> 13) * M;
        return hash ^ hash >> 15;
    }
}
