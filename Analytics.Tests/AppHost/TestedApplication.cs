using Analytics.Tests.Native.Hosting;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Analytics.Tests.AppHost;

/// <summary>The whole application with the data set, started once by Aspire's testing builder.</summary>
public sealed class TestedApplication : IAsyncLifetime
{
    private readonly TemporaryFolder _state = new();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _application;

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("The application was not started.");

    public ResourceCommandService Commands => Application.Services.GetRequiredService<ResourceCommandService>();

    /// <summary>The dashboard, by the link that logs in.</summary>
    public Uri DashboardLink =>
        new(Application.GetEndpoint("aspire-dashboard", "http"), $"/login?t={_builder!.Configuration["AppHost:BrowserToken"]}");

    public async ValueTask InitializeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--state", _state.Path, "--infrastructure", "native"],
            // Without the dashboard there is nobody whom the services' telemetry could reach, and they wait for it as they end.
            (options, _) => options.DisableDashboard = false,
            deadline.Token);
        _application = await _builder.BuildAsync(deadline.Token);
        await _application.StartAsync(deadline.Token);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync("api", deadline.Token);
        await _application.ResourceNotifications.WaitForResourceAsync("publisher", "Finished", deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }

        _state.Dispose();
    }
}
