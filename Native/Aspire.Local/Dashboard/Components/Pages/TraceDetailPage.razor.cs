using Aspire.Local.Dashboard.Components.Shared;
using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Pages;

/// <summary>One trace as a waterfall: who called whom, when, and for how long.</summary>
public partial class TraceDetailPage : LivePage
{
    private List<(Span Span, int Depth, bool IsCutOff)> _rows = [];
    private TraceSummary? _summary;
    private IncomingLink[] _incoming = [];
    private Span? _chosen;

    /// <summary>32 hex digits, or their beginning.</summary>
    [Parameter]
    public string TraceId { get; set; } = "";

    /// <summary>The span whose details are shown.</summary>
    [SupplyParameterFromQuery(Name = "span")]
    public string? SpanId { get; set; }

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
        if (Store.Traces.Find(TraceId) is not var (summary, spans))
        {
            (_summary, _rows, _incoming, _chosen) = (null, [], [], null);
            return;
        }

        if (!ReferenceEquals(summary, _summary))
        {
            (_summary, _rows) = (summary, Tree(spans));
        }

        _chosen = SpanId is null ? null : Array.Find(spans, span => span.SpanId == SpanId);
        _incoming = [.. Store.Traces.LinksTo(summary.TraceId).DistinctBy(link => (link.TraceId, link.SpanId)).Take(20)];
    }

    private void Choose(Span? span) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("span", span?.SpanId), replace: true);

    /// <summary>Whether a bar leaves no room beside it for its label.</summary>
    private static bool IsInside(double left, double width) => left < 20 && left + width > 80;

    /// <summary>A label stands after its bar, else before it, else in it.</summary>
    private static string LabelPlace(double left, double width) =>
        IsInside(left, width) ? $"right:{Format.Css(Math.Max(0, 100 - left - width))}%"
        : left + width > 80 ? $"right:{Format.Css(Math.Min(100 - left, 99))}%"
        : $"left:{Format.Css(left + width)}%";

    /// <summary>The spans depth first, each after its parent and by begin; one whose parent is not here stands at the left.</summary>
    private static List<(Span Span, int Depth, bool IsCutOff)> Tree(Span[] spans)
    {
        var ids = spans.Select(span => span.SpanId).ToHashSet();
        var children = spans.ToLookup(span => ids.Contains(span.ParentSpanId) && span.ParentSpanId != span.SpanId ? span.ParentSpanId : "");
        var rows = new List<(Span, int, bool)>(spans.Length);
        var seen = new HashSet<Span>();
        var open = new Stack<(Span Span, int Depth)>(children[""].Reverse().Select(span => (span, 0)));
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next.Span))
            {
                continue;
            }

            rows.Add((next.Span, next.Depth, next.Depth == 0 && next.Span.ParentSpanId.Length > 0));
            foreach (var child in children[next.Span.SpanId].Reverse())
            {
                open.Push((child, next.Depth + 1));
            }
        }

        // Spans that are, by a sender's mistake, their own ancestors.
        rows.AddRange(spans.Where(span => !seen.Contains(span)).Select(span => (span, 0, true)));
        return rows;
    }
}
