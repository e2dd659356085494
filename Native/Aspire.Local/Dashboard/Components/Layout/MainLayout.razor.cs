using Aspire.Local.Dashboard.Resources;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Aspire.Local.Dashboard.Components.Layout;

/// <summary>The frame around every page: name, connection to the AppHost, the list of pages.</summary>
public partial class MainLayout
{
    private readonly CancellationTokenSource _gone = new();
    private ErrorBoundary? _errors;
    private bool _wasConnected;

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private ResourceDirectory Directory { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Here => Navigation.Uri.Split('#')[0];

    /// <inheritdoc/>
    public void Dispose()
    {
        Navigation.LocationChanged -= Recover;
        _gone.Cancel();
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => Navigation.LocationChanged += Recover;

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = WatchConnectionAsync();
        }
    }

    private void Recover(object? sender, LocationChangedEventArgs e) => _errors?.Recover();

    private async Task WatchConnectionAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_gone.Token))
            {
                if (_wasConnected != Directory.IsConnected)
                {
                    _wasConnected = Directory.IsConnected;
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
