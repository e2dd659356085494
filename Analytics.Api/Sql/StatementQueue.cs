using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Sql;

/// <summary>
/// Who may go on, in the order of asking. Statements wait for one of a few turns in PostgreSQL, which each gives back with its first rows. Then answers that
/// are streamed wait for one of a few turns, and those that are in memory for memory. So who reads slowly, or much, keeps nobody from asking.
/// </summary>
internal sealed class StatementQueue(IOptions<SqlOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _running = Limiter(options.Value.MaxConcurrent, options.Value.MaxWaiting);
    private readonly ConcurrencyLimiter _streaming = Limiter(options.Value.MaxStreams, options.Value.MaxStreams);
    private readonly ConcurrencyLimiter _sending = Limiter(Kibibytes(options.Value.MaxSendingBytes), Kibibytes(options.Value.MaxSendingBytes));

    /// <summary>Waits for a turn in PostgreSQL. Disposing the turn gives it back.</summary>
    /// <exception cref="SqlUnavailableException">Too many wait, or it took too long.</exception>
    public Task<RateLimitLease> RunAsync(CancellationToken cancellationToken) => WaitAsync(_running, 1, "statements", cancellationToken);

    /// <summary>Waits for a turn to stream an answer. Disposing the turn gives it back.</summary>
    /// <exception cref="SqlUnavailableException">Too many wait, or it took too long.</exception>
    public Task<RateLimitLease> StreamAsync(CancellationToken cancellationToken) => WaitAsync(_streaming, 1, "answers that are streamed", cancellationToken);

    /// <summary>Waits for memory for an answer until it is sent. Disposing the turn gives it back.</summary>
    /// <exception cref="SqlUnavailableException">Too many wait, or it took too long.</exception>
    public Task<RateLimitLease> SendAsync(long bytes, CancellationToken cancellationToken) =>
        WaitAsync(_sending, Math.Min(Kibibytes(bytes), Kibibytes(options.Value.MaxSendingBytes)), "long answers", cancellationToken);

    public void Dispose()
    {
        _running.Dispose();
        _streaming.Dispose();
        _sending.Dispose();
    }

    private static int Kibibytes(long bytes) => (int)(bytes >> 10);

    private async Task<RateLimitLease> WaitAsync(ConcurrencyLimiter limiter, int permits, string what, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.MaxWaitSeconds));
        try
        {
            var turn = await limiter.AcquireAsync(permits, patience.Token);
            return turn.IsAcquired ? turn : throw new SqlUnavailableException($"As many {what} as may wait are waiting; try again.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SqlUnavailableException($"There was no turn among the {what} within {options.Value.MaxWaitSeconds} seconds; try again.");
        }
    }

    private static ConcurrencyLimiter Limiter(int turns, int waiting) =>
        new(new ConcurrencyLimiterOptions { PermitLimit = turns, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}
