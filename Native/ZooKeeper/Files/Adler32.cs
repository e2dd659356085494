using System.Buffers.Binary;

namespace ZooKeeper.Files;

/// <summary>The checksum of ZooKeeper's files (RFC 1950, section 8.2): two sums of bytes, modulo the largest prime below 2^16.</summary>
internal struct Adler32()
{
    private const uint Prime = 65_521;

    /// <summary>So many bytes can be summed before the sums would overflow 32 bits.</summary>
    private const int Run = 5_552;

    private uint _a = 1;
    private uint _b;

    public readonly uint Value => (_b << 16) | _a;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var sum = new Adler32();
        sum.Add(bytes);
        return sum.Value;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var (a, b) = (_a, _b);
        while (bytes.Length > 0)
        {
            var run = bytes[..Math.Min(Run, bytes.Length)];
            bytes = bytes[run.Length..];
            while (run.Length >= 8)
            {
                // Eight bytes at once: b grows by 8 times the a of before, and by each byte once for every step that it is in a.
                var word = BinaryPrimitives.ReadUInt64LittleEndian(run);
                uint b0 = (byte)word, b1 = (byte)(word >> 8), b2 = (byte)(word >> 16), b3 = (byte)(word >> 24);
                uint b4 = (byte)(word >> 32), b5 = (byte)(word >> 40), b6 = (byte)(word >> 48), b7 = (byte)(word >> 56);
                b += (8 * a) + (8 * b0) + (7 * b1) + (6 * b2) + (5 * b3) + (4 * b4) + (3 * b5) + (2 * b6) + b7;
                a += b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7;
                run = run[8..];
            }

            foreach (var left in run)
            {
                a += left;
                b += a;
            }

            a %= Prime;
            b %= Prime;
        }

        (_a, _b) = (a, b);
    }
}
