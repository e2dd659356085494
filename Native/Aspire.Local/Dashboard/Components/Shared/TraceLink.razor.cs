using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A link to a span of another trace, by that trace's name if it is here.</summary>
public partial class TraceLink
{
    /// <summary>The other trace.</summary>
    [Parameter, EditorRequired]
    public required string TraceId { get; set; }

    /// <summary>Its span.</summary>
    [Parameter, EditorRequired]
    public required string SpanId { get; set; }

    [Inject]
    private TelemetryStore Store { get; set; } = null!;
}
