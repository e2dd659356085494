using Aspire.Local.Dashboard.Telemetry;
using Microsoft.AspNetCore.Components;

namespace Aspire.Local.Dashboard.Components.Shared;

/// <summary>Names and values, as a table with a heading; nothing where there are none.</summary>
public partial class Pairs
{
    /// <summary>The heading.</summary>
    [Parameter, EditorRequired]
    public required string Caption { get; set; }

    /// <summary>The rows.</summary>
    [Parameter, EditorRequired]
    public required IEnumerable<(string Name, string Value)> Items { get; set; }

    internal static IEnumerable<(string Name, string Value)> Of(IEnumerable<TelemetryAttribute> attributes) => attributes.Select(a => (a.Key, a.Value));
}
