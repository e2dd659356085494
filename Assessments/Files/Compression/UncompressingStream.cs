using System.Globalization;

namespace Assessments;

/// <summary>
/// Reads a compressed stream and gives everything that is whole before it says what is not. The framework's GZipStream takes a file that ends early
/// for a whole one, and both it and zstd's stream keep back what they had when they come to a break.
/// </summary>
internal abstract class UncompressingStream(Stream source, string format) : Stream
{
    private readonly byte[] _input = new byte[128 * 1024];
    private int _from;
    private int _to;
    private long _consumed;
    private bool _sourceEnded;
    private InvalidDataException? _fault;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_fault is not null)
            {
                throw new InvalidDataException(_fault.Message);
            }

            string? fault = Uncompress(_input.AsSpan(_from, _to - _from), _sourceEnded, buffer.Span, out int consumed, out int written);
            _from += consumed;
            _consumed += consumed;
            if (fault is not null)
            {
                _fault = new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The {format} {fault} after {_consumed} bytes."));
            }

            if (written > 0)
            {
                return written;
            }

            if (fault is null && consumed == 0)
            {
                if (_sourceEnded)
                {
                    break;
                }

                await FillAsync(cancellationToken);
            }
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Uncompresses what it can.</summary>
    /// <param name="input">The bytes that are there.</param>
    /// <param name="isLast">Whether none follow.</param>
    /// <param name="output">Room for what comes out.</param>
    /// <param name="consumed">How many bytes of the input are done with; 0 with nothing written asks for more, or, if there are none, means the end.</param>
    /// <param name="written">How many bytes came out.</param>
    /// <returns>What is wrong with what comes next, to go between "The gzip" and "after N bytes"; null if nothing is.</returns>
    protected abstract string? Uncompress(ReadOnlySpan<byte> input, bool isLast, Span<byte> output, out int consumed, out int written);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        _input.AsSpan(_from, _to - _from).CopyTo(_input);
        _to -= _from;
        _from = 0;
        if (_to == _input.Length)
        {
            _fault = new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The {format} has a header without end after {_consumed} bytes."));
            return;
        }

        int read = await source.ReadAsync(_input.AsMemory(_to), cancellationToken);
        _to += read;
        _sourceEnded = read == 0;
    }
}
