using System.Buffers;
using System.Diagnostics;

namespace Analytics.Api.Sql;

/// <summary>Leads to a reader who must take so many bytes a second, on the whole; who is slower loses the answer.</summary>
/// <param name="output">The way to the reader.</param>
/// <param name="bytesPerSecond">What a reader must take, from the grace period on.</param>
internal sealed class PacedStream(Stream output, int bytesPerSecond) : Stream
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private const int BytesPerWrite = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new(2 * BytesPerWrite);
    private readonly Stopwatch _waited = new();
    private long _taken;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // It leaves with the next that waits.
    public override void Write(ReadOnlySpan<byte> buffer) => _pending.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _pending.Write(buffer.Span);
        return _pending.WrittenCount < BytesPerWrite ? ValueTask.CompletedTask : new ValueTask(SendAsync(cancellationToken));
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <exception cref="SqlLimitException">The reader is too slow.</exception>
    private async Task SendAsync(CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (var rest = _pending.WrittenMemory; !rest.IsEmpty; rest = rest[Math.Min(BytesPerWrite, rest.Length)..])
        {
            var piece = rest[..Math.Min(BytesPerWrite, rest.Length)];
            var allowed = Grace + TimeSpan.FromSeconds((double)_taken / bytesPerSecond) - _waited.Elapsed;
            late.CancelAfter(allowed > TimeSpan.Zero ? allowed : TimeSpan.Zero);
            _waited.Start();
            try
            {
                await output.WriteAsync(piece, late.Token);
                await output.FlushAsync(late.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new SqlLimitException($"The reader took fewer than {bytesPerSecond} bytes a second (Sql:MinBytesPerSecond).");
            }
            finally
            {
                _waited.Stop();
            }

            _taken += piece.Length;
        }

        _pending.ResetWrittenCount();
    }
}
