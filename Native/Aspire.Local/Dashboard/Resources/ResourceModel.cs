using System.Text.Json;

namespace Aspire.Local.Dashboard.Resources;

/// <summary>A resource of the AppHost as its resource service tells it.</summary>
public sealed record AppResource
{
    /// <summary>Its id: the name, and of a replica also a suffix.</summary>
    public required string Name { get; init; }

    /// <summary>The name in the AppHost's program, shared by replicas.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Project, Executable, Parameter and so on.</summary>
    public string Type { get; init; } = "";

    /// <summary>Running, Exited and so on; null before anything happened.</summary>
    public string? State { get; init; }

    /// <summary>Healthy, Unhealthy, Degraded, or null if it has no health checks or has not been asked.</summary>
    public string? Health { get; init; }

    /// <summary>What each health check said.</summary>
    public IReadOnlyList<HealthReport> HealthReports { get; init; } = [];

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was started last.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>How it ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Its process.</summary>
    public int? Pid { get; init; }

    /// <summary>The project, program or image it is.</summary>
    public string? Source { get; init; }

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<ResourceUrl> Urls { get; init; } = [];

    /// <summary>The environment it was started with.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>Whatever else there is to know.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The resources it has to do with.</summary>
    public IReadOnlyList<ResourceRelationship> Relationships { get; init; } = [];

    /// <summary>What can be done with it.</summary>
    public IReadOnlyList<ResourceCommand> Commands { get; init; } = [];

    /// <summary>True for what is of no interest to people.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>What a health check said.</summary>
public sealed record HealthReport(string Name, string? Status, string? Description);

/// <summary>An address of a resource; an internal one is of no use to a browser.</summary>
public sealed record ResourceUrl(string? Name, string Url, bool IsInternal);

/// <summary>A variable of a resource's environment.</summary>
public sealed record EnvironmentVariable(string Name, string? Value, bool IsSecret);

/// <summary>A resource that another has to do with, and how.</summary>
public sealed record ResourceRelationship(string ResourceName, string Type);

/// <summary>Something that can be done with a resource.</summary>
public sealed record ResourceCommand(string Name, string DisplayName, bool Enabled);

/// <summary>How a command went.</summary>
public sealed record CommandResult(bool Success, string? Message);

/// <summary>A line that a resource wrote to its console.</summary>
public sealed record ConsoleLine(long LineNumber, DateTimeOffset? Timestamp, string Text, bool IsError);

/// <summary>A line of the resource service's stream: the whole, one changed, or one gone.</summary>
internal sealed record ResourceChange(string Type, IReadOnlyList<AppResource>? Resources, AppResource? Resource, string? Name);
