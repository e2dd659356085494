using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Kafka.Broker.Files;

/// <summary>CRC-32C (Castagnoli), which Kafka has in record batches and snapshots, by the processor's own instruction.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var left in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, left);
        }

        return ~crc;
    }
}
