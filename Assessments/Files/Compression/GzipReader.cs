using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Assessments;

/// <summary>
/// Uncompresses gzip (RFC 1952), one member after another, and checks each one's length and checksum. Zeros after the last are padding.
/// The framework inflates; its stream reads ahead and does not say how far, so a member's end is found by the eight bytes that must stand there.
/// </summary>
internal sealed class GzipReader(Stream source) : UncompressingStream(source, "gzip")
{
    private const int HeaderBytes = 10;
    private const int TrailerBytes = 8;

    /// <summary>At broken data the framework keeps back what the same read has inflated, so that is kept small.</summary>
    private const int PieceBytes = 1024;

    private readonly Crc32 _checksum = new();
    private DeflateStream? _member;
    private Feed? _feed;
    private uint _length;
    private bool _isFirst = true;

    [Flags]
    private enum Flags : byte { HeaderChecksum = 2, Extra = 4, Name = 8, Comment = 16 }

    protected override async ValueTask<int> UncompressAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_member is not null || await StartMemberAsync(cancellationToken))
        {
            var read = await InflateAsync(buffer, cancellationToken);
            if (read > 0)
            {
                return read;
            }

            await EndMemberAsync(cancellationToken);
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _member?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Fills the buffer with what the bytes that are there inflate to; what came out before a break is given before it is told.</summary>
    private async ValueTask<int> InflateAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = 0;
        try
        {
            while (read < buffer.Length && (read == 0 || !Input.IsEmpty))
            {
                var piece = await _member!.ReadAsync(buffer.Slice(read, Math.Min(PieceBytes, buffer.Length - read)), cancellationToken);
                if (piece == 0)
                {
                    break;
                }

                _checksum.Append(buffer.Span.Slice(read, piece));
                _length += (uint)piece;
                read += piece;
            }

            return read;
        }
        catch (InvalidDataException)
        {
            var broken = Broken(_feed!.HasEnded ? "ends early" : "is broken");
            return read > 0 ? read : throw broken;
        }
    }

    /// <summary>Passes a header; false at the end of the file.</summary>
    private async ValueTask<bool> StartMemberAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Between members: zeros, as tape and file systems leave them.
            Advance(_isFirst ? 0 : Input.Length - Input.Span.TrimStart((byte)0).Length);
            if (Input.Length > 1 && !Input.Span.StartsWith(FileFormat.GzipMagic) || Input.Length == 1 && SourceEnded)
            {
                throw Broken("is followed by something else");
            }

            var length = HeaderLength(Input.Span);
            if (length > 0)
            {
                if (Input.Span[2] != 8)
                {
                    throw Broken("has a method of compression that is not known");
                }

                Advance(length);
                break;
            }

            if (SourceEnded)
            {
                return Input.IsEmpty ? false : throw Broken("ends early");
            }

            await FillAsync(kept: 0, cancellationToken);
        }

        _isFirst = false;
        _length = 0;
        _checksum.Reset();
        _feed = new Feed(this);
        _member = new DeflateStream(_feed, CompressionMode.Decompress);
        return true;
    }

    /// <summary>Finds the member's checksum and length in what was fed last, and goes on behind them.</summary>
    private async ValueTask EndMemberAsync(CancellationToken cancellationToken)
    {
        var trailer = new byte[TrailerBytes];
        _checksum.GetCurrentHash(trailer);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(sizeof(uint)), _length);
        var fed = _feed!.LastCount;
        while (Input.Length < TrailerBytes && !SourceEnded)
        {
            await FillAsync(kept: fed, cancellationToken);
        }

        StepBack(fed);
        var last = Input.Span[..Math.Min(Input.Length, fed + TrailerBytes)];
        var place = last.IndexOf(trailer);
        if (place < 0)
        {
            Advance(last.Length);
            throw Broken(_feed.HasEnded ? "ends early" : "ends early, or has a wrong checksum or length,");
        }

        Advance(place + TrailerBytes);
        await _member!.DisposeAsync();
        _member = null;
    }

    /// <summary>The length of the header, or 0 if not all of it is there.</summary>
    private static int HeaderLength(ReadOnlySpan<byte> input)
    {
        if (input.Length < HeaderBytes)
        {
            return 0;
        }

        var flags = (Flags)input[3];
        var length = HeaderBytes;
        if (flags.HasFlag(Flags.Extra))
        {
            if (input.Length < length + 2)
            {
                return 0;
            }

            length += 2 + BinaryPrimitives.ReadUInt16LittleEndian(input[length..]);
        }

        foreach (var text in (ReadOnlySpan<Flags>)[Flags.Name, Flags.Comment])
        {
            if (flags.HasFlag(text))
            {
                var end = length <= input.Length ? input[length..].IndexOf((byte)0) : -1;
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

    /// <summary>Gives a member's bytes to the framework, which asks when it has none left, and remembers how many it gave last.</summary>
    private sealed class Feed(GzipReader reader) : Stream
    {
        public int LastCount { get; private set; }

        /// <summary>Whether the framework asked for bytes where there were none.</summary>
        public bool HasEnded { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (reader.Input.IsEmpty && !reader.SourceEnded)
            {
                await reader.FillAsync(kept: 0, cancellationToken);
            }

            LastCount = Math.Min(buffer.Length, reader.Input.Length);
            HasEnded = LastCount == 0;
            reader.Input[..LastCount].CopyTo(buffer);
            reader.Advance(LastCount);
            return LastCount;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
