namespace Aspire.Hosting;

/// <summary>
/// Lets the testing builder take part in an entry point that it runs: between description and build, and between build and start.
/// Set on the flow of the entry point only, so that tests run side by side.
/// </summary>
internal sealed class BuilderHooks
{
    private static readonly AsyncLocal<BuilderHooks?> Flow = new();

    private readonly TaskCompletionSource _startRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The hooks of the entry point that this code runs in, if a test runs it.</summary>
    public static BuilderHooks? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Changes the options before they are read.</summary>
    public required Action<DistributedApplicationOptions> Constructing { get; init; }

    /// <summary>Called when the entry point builds; returns when the test does.</summary>
    public required Action<DistributedApplicationBuilder> Building { get; init; }

    /// <summary>Called with what was built.</summary>
    public required Action<DistributedApplication> Built { get; init; }

    /// <summary>Completes when the test starts the application; the entry point's own start waits for it.</summary>
    public Task StartRequested => _startRequested.Task;

    /// <summary>The test starts the application.</summary>
    public void RequestStart() => _startRequested.TrySetResult();

    /// <summary>The test will not start the application any more.</summary>
    public void GiveUp() => _startRequested.TrySetCanceled();
}
