using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>The structured logs of all resources, newest first, by resource, level, text and trace.</summary>
public partial class StructuredLogsPage : LivePage
{
    private const string ExceptionStack = "exception.stacktrace";

    private static readonly (string Value, string Text)[] Levels =
        [("", "All"), .. Enum.GetValues<LogSeverity>().Skip(1).Select(level => (level.ToString(), level == LogSeverity.Critical ? "Critical" : $"{level} and worse"))];

    private List<LogEntry> _entries = [];
    private LogEntry? _chosen;

    /// <summary>The resource, by its name or its full name.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>The least level.</summary>
    [SupplyParameterFromQuery]
    public string? Level { get; set; }

    /// <summary>Text in message, logger, or an attribute's value.</summary>
    [SupplyParameterFromQuery]
    public string? Text { get; set; }

    /// <summary>The trace it was logged in.</summary>
    [SupplyParameterFromQuery]
    public string? TraceId { get; set; }

    /// <inheritdoc/>
    protected override long Version => Store.Logs.Version;

    [Inject]
    private DashboardOptions Options { get; set; } = null!;

    [Inject]
    private TelemetryStore Store { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _ = Enum.TryParse<LogSeverity>(Level, ignoreCase: true, out var least);
        var entries = Store.Logs.Since(0);
        Array.Sort(entries, static (a, b) => (b.TimeNanos, b.Sequence).CompareTo((a.TimeNanos, a.Sequence)));
        _entries = [.. entries.Where(entry =>
            entry.Severity >= least
            && (string.IsNullOrEmpty(Name) || entry.Resource.Is(Name))
            && (string.IsNullOrEmpty(TraceId) || entry.TraceId.StartsWith(TraceId, StringComparison.OrdinalIgnoreCase))
            && (string.IsNullOrEmpty(Text) || Has(entry.Message) || Has(entry.Scope) || Array.Exists(entry.Attributes, a => Has(a.Value))))];

        bool Has(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
    }

    private IEnumerable<(string Value, string Text)> Choices() => Senders.Choices(Store, r => r.HasLogs, Name);

    private void GoToResource(string name) =>
        Navigation.NavigateTo((name.Length == 0 ? "structuredlogs" : $"structuredlogs/resource/{Uri.EscapeDataString(name)}") + new Uri(Navigation.Uri).Query);

    private void Go(string parameter, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(parameter, string.IsNullOrEmpty(value) ? null : value), replace: true);

    private void TogglePause() => IsPaused = !IsPaused;

    /// <summary>What fits a row; a message of many pages is in the details.</summary>
    private static string Brief(LogEntry entry)
    {
        const int fits = 300;
        var text = entry.Message.Length > 0 ? entry.Message : entry["exception.message"] ?? entry.EventName;
        return text.Length <= fits ? text : text[..fits] + "…";
    }

    private static IEnumerable<(string Name, string Value)> Facts(LogEntry entry) => new (string Name, string Value)[]
    {
        ("Time", Format.DateAndTime(entry.TimeNanos)),
        ("Level", entry.Severity.ToString()),
        ("Logger", entry.Scope),
        ("Event", entry.EventName),
        ("Trace", entry.TraceId),
        ("Span", entry.SpanId),
    }.Where(fact => fact.Value.Length > 0);
}
