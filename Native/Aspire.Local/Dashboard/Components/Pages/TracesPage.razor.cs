using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>All traces, newest first, by resource, name, id and outcome.</summary>
public partial class TracesPage : LivePage
{
    private List<TraceSummary> _traces = [];
    private long _longest = 1;

    /// <summary>A resource that takes part, by its name or its full name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>Text in the first span's name, or the beginning of the id.</summary>
    [SupplyParameterFromQuery]
    public string? Text { get; set; }

    /// <summary>Only traces with a failed span.</summary>
    [SupplyParameterFromQuery]
    public bool Errors { get; set; }

    /// <inheritdoc/>
    protected override long Version => Store.Traces.Version;

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private TelemetryStore Store { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _traces = [.. Store.Traces.Summaries().Where(trace =>
            (!Errors || trace.Errors > 0)
            && (string.IsNullOrEmpty(Name) || trace.Resources.Any(r => r.Resource.Is(Name)))
            && (string.IsNullOrEmpty(Text)
                || trace.Root.Name.Contains(Text, StringComparison.OrdinalIgnoreCase)
                || trace.Root.Resource.Name.Contains(Text, StringComparison.OrdinalIgnoreCase)
                || trace.TraceId.StartsWith(Text, StringComparison.OrdinalIgnoreCase)))];
        _longest = Math.Max(1, _traces.Count == 0 ? 1 : _traces.Max(trace => trace.DurationNanos));
    }

    private IEnumerable<(string Value, string Text)> Choices() => Senders.Choices(Store, r => r.HasTraces, Name);

    private void GoToResource(string name) =>
        Navigation.NavigateTo((name.Length == 0 ? "traces" : $"traces/resource/{Uri.EscapeDataString(name)}") + new Uri(Navigation.Uri).Query);

    private void Go(string parameter, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(parameter, string.IsNullOrEmpty(value) ? null : value), replace: true);

    private void TogglePause() => IsPaused = !IsPaused;
}
