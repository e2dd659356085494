using System.Buffers;
using ZstdSharp;

namespace Assessments;

/// <summary>Uncompresses zstd (RFC 8878), one frame after another.</summary>
internal sealed class ZstdReader(Stream source) : UncompressingStream(source, "zstd")
{
    /// <summary>A block comes out when its last byte is in; the smaller the pieces, the nearer to the break the output and the position told.</summary>
    private const int PieceBytes = 1024;

    private readonly Decompressor _decompressor = new();
    private bool _isInFrame;

    protected override string? Uncompress(ReadOnlySpan<byte> input, bool isLast, Span<byte> output, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        while (written < output.Length)
        {
            // In a frame there may be output left although all input is in.
            if (input.Length == consumed && !_isInFrame)
            {
                return null;
            }

            ReadOnlySpan<byte> piece = input[consumed..Math.Min(input.Length, consumed + PieceBytes)];
            OperationStatus status = _decompressor.UnwrapStream(piece, output[written..], out int pieceConsumed, out int pieceWritten);
            consumed += pieceConsumed;
            written += pieceWritten;
            if (status == OperationStatus.InvalidData)
            {
                return "is broken";
            }

            _isInFrame = status != OperationStatus.Done;
            if (pieceConsumed == 0 && pieceWritten == 0)
            {
                return isLast && _isInFrame && written == 0 ? "ends early" : null;
            }
        }

        return null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decompressor.Dispose();
        }

        base.Dispose(disposing);
    }
}
