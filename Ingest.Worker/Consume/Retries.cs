using Polly;
using Polly.Retry;

namespace Ingest.Worker.Consume;

/// <summary>How ingest waits for a server that is away: ever longer, for as long as it takes.</summary>
internal static class Retries
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Repeats what fails for a reason that passes.</summary>
    /// <param name="retries">The pipeline to add to.</param>
    /// <param name="passes">Whether a failure is one to wait for.</param>
    /// <param name="log">Is told the failure and how long the pause before the next attempt is.</param>
    public static ResiliencePipelineBuilder AddPatience(
        this ResiliencePipelineBuilder retries, Func<Exception, bool> passes, Action<Exception, TimeSpan> log) =>
        retries.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = attempt => ValueTask.FromResult(
                attempt.Outcome.Exception is { } failed && passes(failed) && !attempt.Context.CancellationToken.IsCancellationRequested),
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = LongestPause,
            MaxRetryAttempts = int.MaxValue,
            OnRetry = attempt =>
            {
                log(attempt.Outcome.Exception!, attempt.RetryDelay);
                return ValueTask.CompletedTask;
            },
        });
}
