using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application of several processes, ready to run.</summary>
/// <param name="host">Holds its services and runs its orchestrator.</param>
public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    private readonly BuilderHooks? _test = BuilderHooks.Current;
    private readonly Lock _gate = new();
    private Task? _started;
    private Task? _disposed;

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Where the states of the resources are watched and waited for.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Gives commands to the resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Begins to describe an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Begins to describe an application.</summary>
    /// <param name="args">The command line, which becomes configuration.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Begins to describe an application.</summary>
    /// <param name="options">How the builder starts.</param>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Runs the application until Ctrl+C, SIGTERM or the end of all.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs the application until Ctrl+C, SIGTERM or cancellation, and stops it.</summary>
    /// <param name="cancellationToken">Stops the application.</param>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await StartAsync(cancellationToken).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts the application; its resources need not be running yet.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (BuilderHooks.Current is { } entryPoint)
        {
            await entryPoint.StartRequested.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _test?.RequestStart();
        }

        Task started;
        lock (_gate)
        {
            started = _started ??= host.StartAsync(cancellationToken);
        }

        await started.ConfigureAwait(false);
    }

    /// <summary>Stops all resources: first those that use others, then those that are used.</summary>
    /// <param name="cancellationToken">Cuts the time that processes get to stop by themselves.</param>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Stops whatever still runs.</summary>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops whatever still runs.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        lock (_gate)
        {
            return new(_disposed ??= DisposeOnceAsync());
        }
    }

    private async Task DisposeOnceAsync()
    {
        _test?.GiveUp();
        if (_started is not null)
        {
            await StopAsync().ConfigureAwait(false);
        }

        await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
    }
}
