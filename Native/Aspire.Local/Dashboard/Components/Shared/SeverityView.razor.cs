using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;
using Icons = Microsoft.FluentUI.AspNetCore.Components.Icons;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A log's level by icon and word.</summary>
public partial class SeverityView
{
    /// <summary>The level.</summary>
    [Parameter, EditorRequired]
    public LogSeverity Severity { get; set; }

    private (string Class, Icon Icon) Look => Severity switch
    {
        LogSeverity.Critical or LogSeverity.Error => ("bad", new Icons.Filled.Size16.DismissCircle()),
        LogSeverity.Warning => ("warn", new Icons.Filled.Size16.Warning()),
        LogSeverity.Information => ("info", new Icons.Regular.Size16.Info()),
        _ => ("idle", new Icons.Regular.Size16.Bug()),
    };
}
