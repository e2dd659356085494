using System.Buffers.Binary;
using System.IO.Hashing;

namespace Assessments;

/// <summary>Uncompresses gzip (RFC 1952), one member after another, and checks each one's length and checksum. Zeros after the last are padding.</summary>
internal sealed class GzipReader(Stream source) : UncompressingStream(source, "gzip")
{
    private const int HeaderBytes = 10;
    private const int TrailerBytes = 8;
    private const string EndsEarly = "ends early";

    private readonly Inflater _inflater = new();
    private readonly Crc32 _checksum = new();
    private uint _length;
    private bool _isInMember;
    private bool _isFirst = true;

    // What stopped the inflater; told once all that came out before is read.
    private string? _fault;

    [Flags]
    private enum Flags : byte { HeaderChecksum = 2, Extra = 4, Name = 8, Comment = 16 }

    protected override string? Uncompress(ReadOnlySpan<byte> input, bool isLast, Span<byte> output, out int consumed, out int written)
    {
        written = 0;
        if (!_isInMember)
        {
            return StartMember(input, isLast, out consumed);
        }

        consumed = 0;
        if (_inflater.Output.IsEmpty && !_inflater.IsDone)
        {
            _fault = _inflater.Inflate(input, isLast, out consumed);
        }

        written = Math.Min(output.Length, _inflater.Output.Length);
        _inflater.Output[..written].CopyTo(output);
        _checksum.Append(output[..written]);
        _length += (uint)written;
        _inflater.Take(written);
        if (!_inflater.Output.IsEmpty)
        {
            return null;
        }

        return _inflater.IsDone ? EndMember(input, isLast, ref consumed) : _fault;
    }

    private string? StartMember(ReadOnlySpan<byte> input, bool isLast, out int consumed)
    {
        // Between members: zeros, as tape and file systems leave them.
        consumed = _isFirst ? 0 : input.Length - input.TrimStart((byte)0).Length;
        input = input[consumed..];
        if (input.IsEmpty)
        {
            return null;
        }

        if (input[0] != 0x1F || (input.Length > 1 && input[1] != 0x8B))
        {
            return "is followed by something else";
        }

        int length = HeaderLength(input);
        if (length == 0)
        {
            return isLast ? EndsEarly : null;
        }

        if (input[2] != 8)
        {
            return "has a method of compression that is not known";
        }

        consumed += length;
        _inflater.Reset();
        _checksum.Reset();
        _length = 0;
        _isInMember = true;
        _isFirst = false;
        return null;
    }

    /// <summary>The length of the header, or 0 if not all of it is there.</summary>
    private static int HeaderLength(ReadOnlySpan<byte> input)
    {
        if (input.Length < HeaderBytes)
        {
            return 0;
        }

        var flags = (Flags)input[3];
        int length = HeaderBytes;
        if (flags.HasFlag(Flags.Extra))
        {
            if (input.Length < length + 2)
            {
                return 0;
            }

            length += 2 + BinaryPrimitives.ReadUInt16LittleEndian(input[length..]);
        }

        foreach (Flags text in (ReadOnlySpan<Flags>)[Flags.Name, Flags.Comment])
        {
            if (flags.HasFlag(text))
            {
                int end = length <= input.Length ? input[length..].IndexOf((byte)0) : -1;
                if (end < 0)
                {
                    return 0;
                }

                length += end + 1;
            }
        }

        length += flags.HasFlag(Flags.HeaderChecksum) ? 2 : 0;
        return length <= input.Length ? length : 0;
    }

    private string? EndMember(ReadOnlySpan<byte> input, bool isLast, ref int consumed)
    {
        ReadOnlySpan<byte> trailer = input[consumed..];
        if (trailer.Length < TrailerBytes)
        {
            return isLast ? EndsEarly : null;
        }

        consumed += TrailerBytes;
        _isInMember = false;
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _checksum.GetCurrentHashAsUInt32() ? "has a wrong checksum"
            : BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _length ? "has a wrong length"
            : null;
    }
}
