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

    protected override async ValueTask<int> UncompressAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            // In a frame there may be output left although all input is in.
            if (!Input.IsEmpty || _isInFrame)
            {
                var piece = Input.Span[..Math.Min(Input.Length, PieceBytes)];
                var status = _decompressor.UnwrapStream(piece, buffer.Span, out var consumed, out var written);
                Advance(consumed);
                if (status == OperationStatus.InvalidData)
                {
                    var broken = Broken("is broken");
                    return written > 0 ? written : throw broken;
                }

                _isInFrame = status != OperationStatus.Done;
                if (written > 0)
                {
                    return written;
                }

                if (consumed > 0)
                {
                    continue;
                }
            }

            if (SourceEnded)
            {
                return _isInFrame ? throw Broken("ends early") : 0;
            }

            await FillAsync(kept: 0, cancellationToken);
        }
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
