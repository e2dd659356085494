using System.Globalization;
using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>One instrument of one resource over the last minutes.</summary>
public partial class MetricsPage : LivePage
{
    private static readonly (string Value, string Text)[] Windows = [("1", "1 minute"), ("5", "5 minutes"), ("15", "15 minutes")];
    private readonly HashSet<string> _hidden = [];
    private TelemetryResource? _resource;
    private Instrument[] _instruments = [];
    private Instrument? _instrument;
    private Dimension[] _dimensions = [];
    private MetricChart? _chart;

    /// <summary>The resource, by its full name or its name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>The meter chosen.</summary>
    [SupplyParameterFromQuery]
    public string? Meter { get; set; }

    /// <summary>The instrument chosen.</summary>
    [SupplyParameterFromQuery(Name = "instrument")]
    public string? InstrumentName { get; set; }

    /// <summary>How many minutes are drawn.</summary>
    [SupplyParameterFromQuery]
    public int? Minutes { get; set; }

    /// <inheritdoc/>
    protected override long Version => Store.Metrics.Version;

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private TelemetryStore Store { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string Window => (Minutes ?? 5).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override void Refresh()
    {
        var senders = Store.Resources().Where(r => r.HasMetrics).ToArray();
        _resource = (Name is null ? null : Array.Find(senders, r => r.FullName == Name) ?? Array.FindLast(senders, r => r.Is(Name))) ?? senders.FirstOrDefault();
        _instruments = [.. Store.Metrics.Instruments().Where(i => ReferenceEquals(i.Resource, _resource))];
        var chosen = Array.Find(_instruments, IsChosen);
        if (chosen?.Name != _instrument?.Name || chosen?.Meter != _instrument?.Meter)
        {
            _hidden.Clear();
        }

        _instrument = chosen;
        _dimensions = chosen is null ? [] : [.. Store.Metrics.Dimensions(chosen).OrderBy(d => d.Label, StringComparer.Ordinal)];
        _chart = chosen is null ? null : MetricChart.Of(
            chosen, [.. _dimensions.Where(d => !_hidden.Contains(d.Label))], Nanos.Of(Clock.GetUtcNow()), TimeSpan.FromMinutes(Math.Clamp(Minutes ?? 5, 1, 15)));
    }

    private bool IsChosen(Instrument instrument) => instrument.Name == InstrumentName && (Meter is null || instrument.Meter == Meter);

    private string LinkTo(Instrument instrument) => Navigation.GetUriWithQueryParameters(
        $"metrics/resource/{Uri.EscapeDataString(instrument.Resource.FullName)}",
        new Dictionary<string, object?> { ["meter"] = instrument.Meter, ["instrument"] = instrument.Name, ["minutes"] = Minutes });

    private IEnumerable<(string Value, string Text)> Choices() => Store.Resources().Where(r => r.HasMetrics)
        .Select(r => (r.FullName, r.InstanceId.Length == 0 ? r.Name : $"{r.Name} · {Format.ShortId(r.InstanceId)}"));

    private void GoToResource(string name) => Navigation.NavigateTo($"metrics/resource/{Uri.EscapeDataString(name)}{new Uri(Navigation.Uri).Query}");

    private void Go(string parameter, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(parameter, value), replace: true);

    private void TogglePause() => IsPaused = !IsPaused;

    private void Toggle(string dimension)
    {
        if (!_hidden.Remove(dimension))
        {
            _hidden.Add(dimension);
        }

        RefreshNow();
    }
}
