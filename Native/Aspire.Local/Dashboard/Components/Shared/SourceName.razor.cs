using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A sender of telemetry, with its colour.</summary>
public partial class SourceName
{
    /// <summary>The sender.</summary>
    [Parameter, EditorRequired]
    public required TelemetryResource Resource { get; set; }
}
