using System.Text.Json;
using System.Threading.Channels;
using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Resources;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>What a resource writes to its console, as it writes it.</summary>
public partial class ConsoleLogsPage : LivePage
{
    private const int MaxLines = 2_000;
    private const int MaxLineLength = 10_000;
    private readonly LinkedList<ConsoleLine> _lines = [];
    private CancellationTokenSource? _reading;
    private Channel<ConsoleLine>? _arrived;
    private AppResource? _resource;
    private long _read;
    private bool _dropped;
    private bool _withTimes = true;
    private string _note = "";

    /// <summary>The resource, by id or by name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override long Version => Directory.Version + Volatile.Read(ref _read);

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private ResourceDirectory Directory { get; set; } = null!;

    [Inject]
    private ResourceService Service { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override void Refresh()
    {
        var resource = Name is null ? null : Directory.Find(Name);
        if (resource?.Name != _resource?.Name)
        {
            Clear();
            Stop();
            if (resource is not null && RendererInfo.IsInteractive)
            {
                Start(resource.Name);
            }
        }

        _resource = resource;
        while (_arrived?.Reader.TryRead(out var line) == true)
        {
            _lines.AddLast(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveFirst();
                _dropped = true;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Stop();
        base.Dispose(disposing);
    }

    private IEnumerable<(string Value, string Text)> Choices() => [("", "– choose –"), .. Directory.Visible().Select(r => (r.Name, Directory.Label(r)))];

    private void Go(string name) => Navigation.NavigateTo(name.Length == 0 ? "consolelogs" : $"consolelogs/resource/{Uri.EscapeDataString(name)}");

    private void Clear()
    {
        _lines.Clear();
        _dropped = false;
    }

    private void Start(string name)
    {
        _reading = CancellationTokenSource.CreateLinkedTokenSource(Gone);
        // The page takes lines four times a second; what a chatty resource writes beyond this in between was never to be read.
        _arrived = Channel.CreateBounded<ConsoleLine>(new BoundedChannelOptions(MaxLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true });
        _ = ReadAsync(name, _arrived.Writer, _reading.Token);
    }

    private void Stop()
    {
        _reading?.Cancel();
        _reading?.Dispose();
        (_reading, _arrived) = (null, null);
    }

    private async Task ReadAsync(string name, ChannelWriter<ConsoleLine> arrived, CancellationToken cancellation)
    {
        var last = 0L;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                _note = "";
                await foreach (var line in Service.LogsAsync(name, cancellation))
                {
                    // After a reconnect the backlog comes again.
                    if (line.LineNumber > last)
                    {
                        last = line.LineNumber;
                        arrived.TryWrite(line.Text.Length <= MaxLineLength ? line : line with { Text = line.Text[..MaxLineLength] + "…" });
                        Interlocked.Increment(ref _read);
                    }
                }
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or JsonException)
            {
                _note = "The log can't be read just now.";
                Interlocked.Increment(ref _read);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
