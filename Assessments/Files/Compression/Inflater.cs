using System.Buffers.Binary;

namespace Assessments;

/// <summary>Uncompresses one deflate stream (RFC 1951) that comes piece by piece.</summary>
internal sealed class Inflater
{
    private const int WindowBytes = 32 * 1024;
    private const int OutputBytes = 4 * WindowBytes;
    private const int LongestMatch = 258;
    private const int LiteralCodes = 286;
    private const int DistanceCodes = 30;
    private const int EndOfBlock = 256;

    /// <summary>More than the header of a block with its own codes takes.</summary>
    private const int HeaderBytes = 600;

    /// <summary>The most bits that a match takes: two codes and their extra bits.</summary>
    private const int MatchBits = 48;

    private const string EndsEarly = "ends early";

    private readonly byte[] _output = new byte[OutputBytes + LongestMatch];
    private readonly HuffmanTable _literals = new();
    private readonly HuffmanTable _distances = new();
    private int _written;
    private int _taken;
    private Part _part;
    private bool _isLastBlock;
    private int _stored;

    // Less than eight bits of the last byte consumed.
    private ulong _bits;
    private int _bitCount;

    private enum Part { Header, Stored, Coded, Done }

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>The order in which a header gives the lengths of the codes that code the lengths.</summary>
    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Whether the stream came to its end.</summary>
    public bool IsDone => _part == Part.Done;

    /// <summary>What came out and was not yet taken.</summary>
    public ReadOnlySpan<byte> Output => _output.AsSpan(_taken, _written - _taken);

    /// <summary>Gets ready for the next stream.</summary>
    public void Reset()
    {
        (_written, _taken, _part, _bits, _bitCount) = (0, 0, Part.Header, 0, 0);
    }

    /// <summary>Takes bytes from <see cref="Output"/>.</summary>
    public void Take(int count) => _taken += count;

    /// <summary>Uncompresses until the stream ends, the input is used up or there is much to take. All output must have been taken.</summary>
    /// <param name="input">The bytes that are there.</param>
    /// <param name="isLast">Whether none follow.</param>
    /// <param name="consumed">How many bytes of the input are done with.</param>
    /// <returns>What is wrong with what comes next; null if nothing is.</returns>
    public string? Inflate(ReadOnlySpan<byte> input, bool isLast, out int consumed)
    {
        if (_written > OutputBytes - WindowBytes)
        {
            _output.AsSpan(_written - WindowBytes, WindowBytes).CopyTo(_output);
            _written = _taken = WindowBytes;
        }

        var bits = new BitReader(input, _bits, _bitCount);
        string? fault = null;
        bool goesOn = true;
        while (goesOn && fault is null && _part != Part.Done && _written < OutputBytes)
        {
            goesOn = _part switch
            {
                Part.Header => (isLast || bits.Left >= HeaderBytes) && TryReadHeader(ref bits, out fault),
                Part.Stored => CopyStored(ref bits, isLast, out fault),
                _ => Decode(ref bits, isLast, out fault),
            };
        }

        bits.Return(_part == Part.Done, out consumed, out _bits, out _bitCount);
        return fault;
    }

    private bool TryReadHeader(ref BitReader bits, out string? fault)
    {
        _isLastBlock = bits.Take(1) == 1;
        int kind = bits.Take(2);
        fault = null;
        switch (kind)
        {
            case 0:
                bits.SkipToByte();
                _stored = bits.Take(16);
                int complement = bits.Take(16);
                fault = bits.IsShort ? EndsEarly : _stored != (complement ^ 0xFFFF) ? "is broken in the length of a block" : null;
                _part = Part.Stored;
                break;
            case 1:
                Span<byte> lengths = stackalloc byte[288 + DistanceCodes];
                lengths[..144].Fill(8);
                lengths[144..256].Fill(9);
                lengths[256..280].Fill(7);
                lengths[280..288].Fill(8);
                lengths[288..].Fill(5);
                _literals.TryBuild(lengths[..288]);
                _distances.TryBuild(lengths[288..]);
                _part = Part.Coded;
                break;
            case 2:
                bool isCode = TryReadCodes(ref bits);
                fault = bits.IsShort ? EndsEarly : isCode ? null : "is broken in the codes of a block";
                _part = Part.Coded;
                break;
            default:
                fault = bits.IsShort ? EndsEarly : "is broken in the header of a block";
                break;
        }

        fault ??= bits.IsShort ? EndsEarly : null;
        return fault is null;
    }

    private bool TryReadCodes(ref BitReader bits)
    {
        int literals = bits.Take(5) + 257;
        int distances = bits.Take(5) + 1;
        int lengthCodes = bits.Take(4) + 4;
        Span<byte> lengths = stackalloc byte[288 + 32];
        lengths.Clear();
        for (int i = 0; i < lengthCodes; i++)
        {
            lengths[LengthOrder[i]] = (byte)bits.Take(3);
        }

        if (literals > LiteralCodes || !_literals.TryBuild(lengths[..19]))
        {
            return false;
        }

        lengths.Clear();
        int all = literals + distances;
        for (int i = 0; i < all && !bits.IsShort;)
        {
            int symbol = bits.Decode(_literals);
            if (symbol is >= 0 and < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }

            (byte length, int repeat) = symbol switch
            {
                16 when i > 0 => (lengths[i - 1], 3 + bits.Take(2)),
                17 => ((byte)0, 3 + bits.Take(3)),
                18 => ((byte)0, 11 + bits.Take(7)),
                _ => ((byte)0, int.MaxValue),
            };
            if (repeat > all - i)
            {
                return false;
            }

            lengths.Slice(i, repeat).Fill(length);
            i += repeat;
        }

        return lengths[EndOfBlock] != 0 && _literals.TryBuild(lengths[..literals]) && _distances.TryBuild(lengths[literals..all]);
    }

    private bool CopyStored(ref BitReader bits, bool isLast, out string? fault)
    {
        int copied = bits.CopyTo(_output.AsSpan(_written, Math.Min(_stored, OutputBytes - _written)));
        _written += copied;
        _stored -= copied;
        if (_stored == 0)
        {
            EndBlock();
        }

        fault = _stored > 0 && copied == 0 && isLast ? EndsEarly : null;
        return copied > 0 || _part != Part.Stored;
    }

    /// <summary>The symbols of a block.</summary>
    /// <returns>Whether the block ended or there is much output; else more input is needed.</returns>
    private bool Decode(ref BitReader bits, bool isLast, out string? fault)
    {
        fault = null;
        byte[] output = _output;
        int written = _written;
        while (written < OutputBytes)
        {
            bits.Refill();
            if (bits.Count < MatchBits && !isLast)
            {
                _written = written;
                return false;
            }

            int symbol = bits.Decode(_literals);
            if ((uint)symbol < EndOfBlock)
            {
                if (bits.IsShort)
                {
                    fault = EndsEarly;
                    break;
                }

                output[written++] = (byte)symbol;
                continue;
            }

            if (symbol == EndOfBlock && !bits.IsShort)
            {
                EndBlock();
                break;
            }

            int lengthCode = symbol - EndOfBlock - 1;
            if ((uint)lengthCode >= (uint)LengthBase.Length)
            {
                fault = bits.IsShort ? EndsEarly : "is broken in the data";
                break;
            }

            int length = LengthBase[lengthCode] + bits.TakeRefilled(LengthExtra[lengthCode]);
            int distanceCode = bits.Decode(_distances);
            int distance = (uint)distanceCode < DistanceCodes ? DistanceBase[distanceCode] + bits.TakeRefilled(DistanceExtra[distanceCode]) : int.MaxValue;
            if (bits.IsShort || distance > written)
            {
                fault = bits.IsShort ? EndsEarly : "is broken in the data";
                break;
            }

            // A match may reach into what it writes: then it repeats it.
            if (distance >= length)
            {
                output.AsSpan(written - distance, length).CopyTo(output.AsSpan(written));
            }
            else
            {
                for (int i = written; i < written + length; i++)
                {
                    output[i] = output[i - distance];
                }
            }

            written += length;
        }

        _written = written;
        return true;
    }

    private void EndBlock() => _part = _isLastBlock ? Part.Done : Part.Header;

    /// <summary>Bits from bytes, the lowest first.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> input, ulong bits, int count)
    {
        private readonly ReadOnlySpan<byte> _input = input;
        private int _position;
        private ulong _bits = bits;

        /// <summary>How many bits are at hand; below zero once more were taken than there are.</summary>
        public int Count { get; private set; } = count;

        /// <summary>Whether more bits were taken than there are.</summary>
        public readonly bool IsShort => Count < 0;

        /// <summary>Bytes not yet touched.</summary>
        public readonly int Left => _input.Length - _position;

        /// <summary>Makes at least 56 bits ready if there are so many.</summary>
        public void Refill()
        {
            if (Left >= 8 && Count >= 0)
            {
                _bits |= BinaryPrimitives.ReadUInt64LittleEndian(_input[_position..]) << Count;
                _position += (63 - Count) >> 3;
                Count |= 56;
                return;
            }

            while (Count is >= 0 and < 56 && _position < _input.Length)
            {
                _bits |= (ulong)_input[_position++] << Count;
                Count += 8;
            }
        }

        public int Take(int count)
        {
            Refill();
            return TakeRefilled(count);
        }

        /// <summary>Takes bits that a refill made ready.</summary>
        public int TakeRefilled(int count)
        {
            int value = (int)(_bits & ((1UL << count) - 1));
            _bits >>= count;
            Count -= count;
            return value;
        }

        public int Decode(HuffmanTable table)
        {
            if (Count < HuffmanTable.MaxLength)
            {
                Refill();
            }

            int symbol = table.Decode(_bits, out int length);
            _bits >>= length;
            Count -= length;
            return symbol;
        }

        public void SkipToByte() => TakeRefilled(Count & 7);

        /// <summary>Copies whole bytes; the bits must be at a byte's border.</summary>
        public int CopyTo(Span<byte> output)
        {
            Return(dropsBits: false, out _position, out _bits, out int left);
            Count = left;
            int copied = Math.Min(output.Length, Left);
            _input.Slice(_position, copied).CopyTo(output);
            _position += copied;
            return copied;
        }

        /// <summary>Gives back the bytes that were not needed.</summary>
        public readonly void Return(bool dropsBits, out int consumed, out ulong bits, out int count)
        {
            int whole = Math.Max(0, Count);
            consumed = _position - (whole >> 3);
            count = dropsBits ? 0 : whole & 7;
            bits = _bits & ((1UL << count) - 1);
        }
    }
}
