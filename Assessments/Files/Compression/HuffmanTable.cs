namespace Assessments;

/// <summary>A canonical Huffman code of RFC 1951, 3.2.2: short codes by one look into a table, longer ones bit by bit.</summary>
internal sealed class HuffmanTable
{
    /// <summary>The longest code in bits.</summary>
    public const int MaxLength = 15;

    private const int FastBits = 10;
    private const int LengthBits = 4;

    private readonly ushort[] _fast = new ushort[1 << FastBits];
    private readonly ushort[] _symbols = new ushort[288];
    private readonly int[] _counts = new int[MaxLength + 1];

    /// <summary>Makes the code of symbols with these lengths; 0 is a symbol without a code.</summary>
    /// <returns>Whether the lengths make a code at all.</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_counts);
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        _counts[0] = 0;
        Span<int> nextCode = stackalloc int[MaxLength + 1];
        Span<int> nextPlace = stackalloc int[MaxLength + 1];
        int code = 0, place = 0;
        for (int length = 1; length <= MaxLength; length++)
        {
            nextCode[length] = code;
            nextPlace[length] = place;
            code += _counts[length];
            place += _counts[length];
            if (code > 1 << length)
            {
                return false;
            }

            code <<= 1;
        }

        Array.Clear(_fast);
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[nextPlace[length]++] = (ushort)symbol;
            int reversed = Reverse(nextCode[length]++, length);
            for (int i = reversed; length <= FastBits && i < _fast.Length; i += 1 << length)
            {
                _fast[i] = (ushort)(symbol << LengthBits | length);
            }
        }

        return true;
    }

    /// <summary>Decodes the symbol that the bits begin with, the first bit lowest.</summary>
    /// <param name="bits">At least 15 bits, zeros where there are no more.</param>
    /// <param name="length">How many bits the symbol takes.</param>
    /// <returns>The symbol; below zero if no code begins so.</returns>
    public int Decode(ulong bits, out int length)
    {
        int entry = _fast[bits & ((1 << FastBits) - 1)];
        if (entry != 0)
        {
            length = entry & ((1 << LengthBits) - 1);
            return entry >> LengthBits;
        }

        // Codes of one length are consecutive, and follow those of the length before.
        int code = 0, first = 0, place = 0;
        for (length = 1; length <= MaxLength; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code < first + count)
            {
                return _symbols[place + code - first];
            }

            place += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -1;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++, code >>= 1)
        {
            reversed = reversed << 1 | code & 1;
        }

        return reversed;
    }
}
