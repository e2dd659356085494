namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>A process that sends telemetry; there is one object for each.</summary>
public sealed class TelemetryResource
{
    /// <summary>How many colours the pages' style sheet has.</summary>
    internal const int Colors = 12;

    /// <summary>Its <c>service.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its <c>service.instance.id</c>, which tells replicas apart; empty if it sends none.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Which of the pages' resource colours is its own; replicas share one.</summary>
    public required int Color { get; init; }

    /// <summary>What the process said of itself.</summary>
    public required IReadOnlyList<TelemetryAttribute> Attributes { get; init; }

    /// <summary>The name that tells this process from all others.</summary>
    public string FullName => InstanceId.Length == 0 ? Name : $"{Name}-{InstanceId}";

    internal bool HasLogs { get; set; }

    internal bool HasTraces { get; set; }

    internal bool HasMetrics { get; set; }

    /// <summary>Whether a filter that names a resource means this one: by its name, all replicas, or by its full name, one.</summary>
    internal bool Is(string name) =>
        name.Equals(Name, StringComparison.OrdinalIgnoreCase) || name.Equals(FullName, StringComparison.OrdinalIgnoreCase);
}
