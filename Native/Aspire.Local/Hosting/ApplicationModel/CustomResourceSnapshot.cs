using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource as it is at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>Such as <c>Project</c>, <c>Executable</c>, or a name of its own.</summary>
    public required string ResourceType { get; init; }

    /// <summary>What else is to be told about the resource.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>When the resource came to be, UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When it last started, UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it last stopped, UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>Its state; see <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code of its process.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Its health: none while it does not run; healthy when it runs and has no checks; else the worst of its checks.</summary>
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running
        ? null
        : HealthReports.IsEmpty
            ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>What its checks last said.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>The handlers of <see cref="ResourceReadyEvent"/>, once the resource was ready; complete when they are through.</summary>
    public EventSnapshot? ResourceReadyEvent { get; init; }

    /// <summary>The variables its process got.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Its links.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Its ties to others.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>What can be done with it.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>Whether the dashboard leaves it out.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Its icon.</summary>
    public string? IconName { get; init; }

    /// <summary>What the icon looks like.</summary>
    public IconVariant? IconVariant { get; init; }
}

/// <summary>An event that was raised.</summary>
/// <param name="EventTask">Completes when its handlers are through.</param>
public sealed record EventSnapshot(Task EventTask);

/// <summary>A state and how it is to be shown.</summary>
/// <param name="Text">The state; see <see cref="KnownResourceStates"/>.</param>
/// <param name="Style">How to show it; see <see cref="KnownResourceStateStyles"/>.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style of its own.</summary>
    /// <param name="s">The state.</param>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <summary>A variable of a process.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsFromSpec">Whether the application's description set it, rather than the surroundings.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>A link of a resource.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Url">Where it leads.</param>
/// <param name="IsInternal">Whether the dashboard leaves it out of the table.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Whether the link leads nowhere yet.</summary>
    public bool IsInactive { get; init; }

    /// <summary>How the link is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How a link is shown.</summary>
/// <param name="DisplayName">Its text; the URL if empty.</param>
/// <param name="SortOrder">Higher ones come first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>A tie to another resource.</summary>
/// <param name="ResourceName">The other's name.</param>
/// <param name="Type">What the other is to this one.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>A fact to be shown.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether it is secret.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>What a health check last said.</summary>
/// <param name="Name">The check's key.</param>
/// <param name="Status">Its verdict; none if it has not run.</param>
/// <param name="Description">Its words.</param>
/// <param name="ExceptionText">The error that made it fail.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it last ran, UTC.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>A command and whether it can be given now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Whether it can be given now.</param>
/// <param name="DisplayName">What the button says.</param>
/// <param name="DisplayDescription">What the button's tip says.</param>
/// <param name="Parameter">Passed to the command.</param>
/// <param name="ConfirmationMessage">Asked before it is given.</param>
/// <param name="IconName">The button's icon.</param>
/// <param name="IconVariant">What the icon looks like.</param>
/// <param name="IsHighlighted">Whether the button stands beside the menu.</param>
public sealed record ResourceCommandSnapshot(string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, object? Parameter, string? ConfirmationMessage, string? IconName, IconVariant? IconVariant, bool IsHighlighted);

/// <summary>Names of properties that every dashboard knows.</summary>
public static class CustomResourceKnownProperties
{
    /// <summary>Where the resource comes from: a path, an image, a command.</summary>
    public static string Source { get; } = "resource.source";

    /// <summary>Its connection string.</summary>
    public static string ConnectionString { get; } = "resource.connectionString";
}
