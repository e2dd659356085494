using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Native.Hosting;

namespace Analytics.Tests.Native.Hosting;

/// <summary>What is started again and what is left alone, with real processes in a real application.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_dies_is_started_again_as_often_as_it_dies()
    {
        // It dies twice, and then stays.
        await using var application =
            await StartAsync(builder => Shell(builder, "service", "echo >> starts; [ $(wc -l < starts) -gt 2 ] || exit 3; sleep 1000"));

        await ReachedAsync("starts", 3);

        Assert.Equal(3, File.ReadAllLines(_folder.In("starts")).Length);
    }

    [Fact]
    public async Task What_finished_or_was_stopped_or_runs_once_is_left_alone()
    {
        await using var application = await StartAsync(builder =>
        {
            Shell(builder, "finished", "echo finished >> starts");
            Shell(builder, "stopped", "echo stopped >> starts; sleep 1000");
            Shell(builder, "once", "echo once >> starts; exit 5").WithFinalExitCodes(5);
            Shell(builder, "clock", "echo >> clock; [ $(wc -l < clock) -gt 1 ] || exit 3; sleep 1000").WithExplicitStart();
        });
        var notifications = application.ResourceNotifications;
        await notifications.WaitForResourceAsync("stopped", KnownResourceStates.Running, _cancellation);
        await application.ResourceCommands.ExecuteCommandAsync(Resource(application, "stopped"), KnownResourceCommands.StopCommand, _cancellation);
        await Task.WhenAll(
            ((string[])["finished", "stopped", "once"]).Select(name =>
            notifications.WaitForResourceAsync(name, KnownResourceStates.TerminalStates, _cancellation)));

        // What dies now is started again half a second later, and by then so would the others be.
        var clock = Resource(application, "clock");
        await application.ResourceCommands.ExecuteCommandAsync(clock, KnownResourceCommands.StartCommand, _cancellation);
        await ReachedAsync("clock", 2);

        Assert.Equal(["finished", "once", "stopped"], File.ReadAllLines(_folder.In("starts")).Order());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Waits until a file has so many lines; each start of a process writes one.</summary>
    private async Task ReachedAsync(string file, int lines)
    {
        while (!File.Exists(_folder.In(file)) || File.ReadAllLines(_folder.In(file)).Length < lines)
        {
            await Task.Delay(20, _cancellation);
        }
    }

    private static IResource Resource(DistributedApplication application, string name) =>
        ((DistributedApplicationModel)application.Services.GetService(typeof(DistributedApplicationModel))!).Resources.Single(
            resource => resource.Name == name);

    private IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", _folder.Path, "-c", script);

    private async Task<DistributedApplication> StartAsync(Action<IDistributedApplicationBuilder> describe)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(Projects.AppHost).Assembly.GetName().Name,
            DisableDashboard = true,
        });
        describe(builder);
        builder.RestartWhatDies();
        var application = builder.Build();
        await application.StartAsync(_cancellation);
        return application;
    }
}
