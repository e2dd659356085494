namespace Data.Generator;

/// <summary>Ids in the shapes that events have. Those made from a counter never come twice for one seed.</summary>
internal static class Ids
{
    /// <summary>The length of a UUID as text.</summary>
    public const int UuidLength = 36;

    /// <summary>The length of a keen_id.</summary>
    public const int KeenIdLength = 24;

    private const ulong Low48 = (1UL << 48) - 1;

    private static ReadOnlySpan<byte> Hex => "0123456789abcdef"u8;

    public static byte[] RandomUuid(ref Random64 random)
    {
        var text = new byte[UuidLength];
        WriteUuid(text, random.Next(), random.Next());
        return text;
    }

    /// <summary>A UUID of version 1: a time in 2016 on one machine.</summary>
    public static byte[] RandomOldUuid(ref Random64 random)
    {
        var text = "00000000-0000-11e6-8000-b827eb4c19d2"u8.ToArray();
        WriteHex(text.AsSpan(0, 8), random.Next());
        WriteHex(text.AsSpan(9, 4), (ulong)(0x6000 + random.Below(0x2000)));
        WriteHex(text.AsSpan(19, 4), (ulong)(0x8000 + random.Below(0x4000)));
        return text;
    }

    /// <summary>The UUID of the thing with a number, such as an attempt.</summary>
    public static void WriteUuid(Span<byte> text, ulong seed, long number)
    {
        // Mix and the addition are permutations, so that different numbers have different first halves.
        var unique = Random64.Mix((ulong)number + Random64.Mix(seed));
        WriteUuid(text, unique, Random64.Mix(unique ^ seed));
    }

    /// <summary>
    /// The keen_id of the event with a number: the second of its keen_timestamp, then 24 bits, "0001" and 24 bits as in the real ones.
    /// The 48 bits are a permutation of the number.
    /// </summary>
    public static void WriteKeenId(Span<byte> text, ulong seed, long number, long epochSeconds)
    {
        var unique = (((ulong)number + Random64.Mix(seed)) * 0x9E3779B97F4B) & Low48;
        unique = ((unique ^ (unique >> 23)) * 0xD6E8FEB86659) & Low48;
        unique ^= unique >> 25;
        WriteHex(text[..8], (ulong)epochSeconds);
        WriteHex(text.Slice(8, 6), unique >> 24);
        "0001"u8.CopyTo(text[14..]);
        WriteHex(text.Slice(18, 6), unique);
    }

    /// <summary>A UUID of version 4 that keeps all 64 bits of <paramref name="first"/>.</summary>
    private static void WriteUuid(Span<byte> text, ulong first, ulong second)
    {
        WriteHex(text[..8], first >> 32);
        text[8] = (byte)'-';
        WriteHex(text.Slice(9, 4), first >> 16);
        text[13] = (byte)'-';
        text[14] = (byte)'4';
        WriteHex(text.Slice(15, 3), first >> 4);
        text[18] = (byte)'-';
        text[19] = Hex[8 + (int)(second >> 62)];
        WriteHex(text.Slice(20, 3), second >> 48);
        text[23] = (byte)'-';
        WriteHex(text.Slice(24, 11), second);
        text[35] = Hex[(int)(first & 15)];
    }

    private static void WriteHex(Span<byte> text, ulong value)
    {
        for (var i = text.Length - 1; i >= 0; i--, value >>= 4)
        {
            text[i] = Hex[(int)(value & 15)];
        }
    }
}
