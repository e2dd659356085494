using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Analytics.Tests.AspireLocal;

/// <summary>A small application in a temporary folder, with everything that one test needs of it.</summary>
internal sealed class TestApplication : IAsyncDisposable
{
    private DistributedApplication? _application;

    public TestApplication(params string[] args)
    {
        Directory.CreateDirectory(Folder);
        Builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = Folder, DisableDashboard = true });
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"aspire-local-{Guid.NewGuid():n}");

    public IDistributedApplicationBuilder Builder { get; }

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("Not started.");

    public ResourceNotificationService Notifications => Application.ResourceNotifications;

    /// <summary>A deadline that only a test that hangs ever meets.</summary>
    public static CancellationToken Deadline()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TimeSpan.FromSeconds(60));
        return source.Token;
    }

    public IResourceBuilder<ExecutableResource> Shell(string name, string script) => Builder.AddExecutable(name, "sh", ".", "-c", script);

    public string PathOf(string file) => Path.Combine(Folder, file);

    public async Task StartAsync()
    {
        _application = Builder.Build();
        await _application.StartAsync(Deadline());
    }

    public async Task<CustomResourceSnapshot> UntilAsync(string name, string state) =>
        (await Notifications.WaitForResourceAsync(name, e => e.Snapshot.State?.Text == state, Deadline())).Snapshot;

    public Task<CustomResourceSnapshot> UntilEndedAsync(string name) => UntilAsync(name, KnownResourceStates.Finished);

    /// <summary>What a resource wrote until its end, without the times.</summary>
    public async Task<IReadOnlyList<LogLine>> ConsoleAsync(IResource resource)
    {
        var lines = new List<LogLine>();
        await foreach (var batch in Application.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource).WithCancellation(Deadline()))
        {
            lines.AddRange(batch.Select(line => line with { Content = line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..] }));
        }

        return lines;
    }

    /// <summary>Waits for a line that a resource writes.</summary>
    public async Task<string> LineAsync(IResource resource, Func<string, bool> wanted)
    {
        await foreach (var batch in Application.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(resource).WithCancellation(Deadline()))
        {
            foreach (var line in batch)
            {
                var text = line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..];
                if (wanted(text))
                {
                    return text;
                }
            }
        }

        throw new InvalidOperationException($"'{resource.Name}' ended without the line.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
