namespace Analytics.Tests.Dashboard;

/// <summary>One dashboard for the tests that leave each other alone: each sends under a name of its own.</summary>
public sealed class SharedDashboard : IAsyncLifetime
{
    private DashboardProcess? _process;

    internal DashboardProcess Process => _process ?? throw new InvalidOperationException("The dashboard has not started.");

    public async ValueTask InitializeAsync() => _process = await DashboardProcess.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
