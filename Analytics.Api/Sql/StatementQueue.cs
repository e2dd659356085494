using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Analytics.Api.Sql;

/// <summary>
/// Who may go on, in the order of asking. Statements wait for one of a few turns in PostgreSQL, which each gives back with its first rows; answers that are long in the
/// sending wait for one of a few turns to be sent. So those who read slowly, or much, keep nobody from asking.
/// </summary>
internal sealed class StatementQueue(IOptions<SqlOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _running = Limiter(options.Value.MaxConcurrent, options.Value.MaxWaiting);
    private readonly ConcurrencyLimiter _sending = Limiter(options.Value.MaxSending, options.Value.MaxSending);

    /// <summary>Waits for a turn in PostgreSQL. Disposing the turn gives it back.</summary>
    /// <exception cref="SqlUnavailableException">Too many wait, or it took too long.</exception>
    public Task<RateLimitLease> RunAsync(CancellationToken cancellationToken) => WaitAsync(_running, "statements", cancellationToken);

    /// <summary>Waits for a turn to send an answer that is long. Disposing the turn gives it back.</summary>
    /// <exception cref="SqlUnavailableException">Too many wait, or it took too long.</exception>
    public Task<RateLimitLease> SendAsync(CancellationToken cancellationToken) => WaitAsync(_sending, "long answers", cancellationToken);

    public void Dispose()
    {
        _running.Dispose();
        _sending.Dispose();
    }

    private async Task<RateLimitLease> WaitAsync(ConcurrencyLimiter limiter, string what, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.MaxWaitSeconds));
        try
        {
            var turn = await limiter.AcquireAsync(1, patience.Token);
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
