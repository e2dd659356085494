using System.Globalization;

namespace Assessments;

/// <summary>
/// Reads a compressed stream and gives everything that is whole before it says what is not: the framework's GZipStream takes a file that ends early
/// for a whole one and says nothing of what follows it, and zstd's stream keeps back what it had when it comes to a break.
/// </summary>
internal abstract class UncompressingStream(Stream source, string format) : Stream
{
    private readonly byte[] _input = new byte[128 * 1024];
    private int _from;
    private int _to;
    private InvalidDataException? _fault;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The bytes that are there and not done with.</summary>
    protected ReadOnlyMemory<byte> Input => _input.AsMemory(_from, _to - _from);

    /// <summary>Whether no more bytes follow those that are there.</summary>
    protected bool SourceEnded { get; private set; }

    /// <summary>How many bytes are done with.</summary>
    protected long Consumed { get; private set; }

    public sealed override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_fault is not null)
        {
            throw new InvalidDataException(_fault.Message);
        }

        return buffer.IsEmpty ? 0 : await UncompressAsync(buffer, cancellationToken);
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

    /// <summary>Uncompresses into a buffer that has room.</summary>
    /// <returns>How many bytes came out; 0 at the end.</returns>
    /// <exception cref="InvalidDataException">See <see cref="Broken"/>.</exception>
    protected abstract ValueTask<int> UncompressAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>What to throw at a break; it is thrown again by every read that follows.</summary>
    /// <param name="problem">What is wrong, to go between "The gzip" and "after N bytes".</param>
    protected InvalidDataException Broken(string problem) =>
        _fault = new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The {format} {problem} after {Consumed} bytes."));

    /// <summary>Is done with the first bytes of the input.</summary>
    protected void Advance(int count)
    {
        _from += count;
        Consumed += count;
    }

    /// <summary>Is not done with the last bytes after all.</summary>
    protected void StepBack(int count) => Advance(-count);

    /// <summary>Reads more bytes behind those that are there, keeping some that are done with; sets <see cref="SourceEnded"/> if there are none.</summary>
    /// <param name="kept">How many to keep for <see cref="StepBack"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    protected async ValueTask FillAsync(int kept, CancellationToken cancellationToken)
    {
        _input.AsSpan(_from - kept, _to - _from + kept).CopyTo(_input);
        _to -= _from - kept;
        _from = kept;
        var read = _to == _input.Length ? throw Broken("has a header without end") : await source.ReadAsync(_input.AsMemory(_to), cancellationToken);
        _to += read;
        SourceEnded = read == 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
