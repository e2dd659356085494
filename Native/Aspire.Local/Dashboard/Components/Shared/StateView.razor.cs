using Aspire.Local.Dashboard.Resources;
using Microsoft.AspNetCore.Components;
using Microsoft.FluentUI.AspNetCore.Components;
using Icons = Microsoft.FluentUI.AspNetCore.Components.Icons;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>A resource's state and health in one icon and a word or two.</summary>
public partial class StateView
{
    /// <summary>The resource.</summary>
    [Parameter, EditorRequired]
    public required AppResource Resource { get; set; }

    private (string Class, Icon Icon, string Word) Look => (Resource.State, Resource.Health) switch
    {
        (null or "", _) => ("idle", new Icons.Regular.Size16.CircleHint(), "Unknown"),
        ("Running", "Unhealthy") => ("bad", new Icons.Filled.Size16.HeartBroken(), "Running (unhealthy)"),
        ("Running", "Degraded") => ("warn", new Icons.Filled.Size16.Warning(), "Running (degraded)"),
        ("Running", null) when Resource.HealthReports.Count > 0 => ("warn", new Icons.Regular.Size16.Clock(), "Running (health unknown)"),
        ("Running" or "Active", _) => ("ok", new Icons.Filled.Size16.CheckmarkCircle(), Resource.State),
        ("Finished" or "Exited", _) when Resource.ExitCode is not (null or 0) => ("bad", new Icons.Filled.Size16.DismissCircle(), $"{Resource.State} (code {Resource.ExitCode})"),
        ("Finished" or "Exited", _) => ("idle", new Icons.Regular.Size16.CheckmarkCircle(), Resource.State),
        ("FailedToStart" or "RuntimeUnhealthy", _) => ("bad", new Icons.Filled.Size16.DismissCircle(), Spaced(Resource.State)),
        ("Starting" or "Waiting" or "Stopping" or "Building" or "NotStarted", _) => ("warn", new Icons.Regular.Size16.Clock(), Spaced(Resource.State)),
        _ => ("idle", new Icons.Regular.Size16.CircleHint(), Spaced(Resource.State!)),
    };

    /// <summary>FailedToStart reads "Failed to start".</summary>
    private static string Spaced(string state) =>
        string.Concat(state.Select((c, i) => i > 0 && char.IsUpper(c) && char.IsLower(state[i - 1]) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
}
