using System.Diagnostics;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>
/// A page that shows what changes by itself. It looks at a version number four times a second and renders when that moved:
/// who writes is never called back, so a slow browser can hold up nobody.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _gone = new();
    private long _seen = long.MinValue;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>True while the reader wants the page to stand still.</summary>
    protected bool IsPaused { get; set; }

    /// <summary>Moves whenever there is something new to show.</summary>
    protected abstract long Version { get; }

    /// <summary>Takes what is to be shown from the store.</summary>
    protected abstract void Refresh();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Leaves the page.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gone.Cancel();
            _gone.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => RefreshNow();

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        // Runs in a browser's session only, never while a page is rendered on the server for the first time.
        if (firstRender)
        {
            _ = FollowAsync();
        }
    }

    /// <summary>Refreshes without waiting, as after a filter changed.</summary>
    protected void RefreshNow()
    {
        _seen = Version;
        Refresh();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                if (!IsPaused && _seen != Version)
                {
                    var begin = Stopwatch.GetTimestamp();
                    RefreshNow();
                    StateHasChanged();
                    // Where the machine is busy, pages take a small share of it and leave the rest to the senders.
                    var rest = Stopwatch.GetElapsedTime(begin) * 8;
                    timer.Period = rest > Interval ? rest : Interval;
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
        {
        }
        catch (Exception failure)
        {
            await DispatchExceptionAsync(failure);
        }
    }
}
