using System.Reflection;

namespace Aspire.Hosting.Testing;

/// <summary>An AppHost's entry point on a thread of its own, which stops where the application is built until the test goes on.</summary>
internal sealed class EntryPointRun : IAsyncDisposable
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _described = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _buildRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BuilderHooks _hooks;
    private readonly Task _run;

    public EntryPointRun(Assembly appHost, string[] args)
    {
        var main = appHost.EntryPoint ?? throw new ArgumentException($"The assembly {appHost.GetName().Name} has no entry point.", nameof(appHost));
        _hooks = new BuilderHooks
        {
            Constructing = options =>
            {
                options.Args ??= args;
                options.AssemblyName = appHost.GetName().Name;
                options.DisableDashboard = true;
                options.Defaults["DcpPublisher:RandomizePorts"] = "true";
            },
            Building = builder =>
            {
                _described.TrySetResult(builder);
                _buildRequested.Task.GetAwaiter().GetResult();
            },
            Built = application => _built.TrySetResult(application),
        };
        _run = Task.Factory.StartNew(() => Run(main, args), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Completes when the entry point builds.</summary>
    public Task<DistributedApplicationBuilder> Described => _described.Task;

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _buildRequested.TrySetResult();
        return _built.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _buildRequested.TrySetCanceled();
        _hooks.GiveUp();
        if (_built.Task.IsCompletedSuccessfully)
        {
            await (await _built.Task.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }

        // An entry point that does not end when its application does is its own affair.
        await Task.WhenAny(_run, Task.Delay(EndsWithin)).ConfigureAwait(false);
    }

    private void Run(MethodInfo main, string[] args)
    {
        BuilderHooks.Current = _hooks;
        Exception reason;
        try
        {
            var exitCode = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
            reason = new InvalidOperationException($"The entry point of {main.Module.Name} ended with exit code {exitCode ?? 0} before it built an application.");
        }
        catch (Exception exception)
        {
            reason = exception;
        }

        _described.TrySetException(reason);
        _built.TrySetException(reason);

        // Nobody may be waiting for them any more.
        _ = _described.Task.Exception;
        _ = _built.Task.Exception;
    }
}
