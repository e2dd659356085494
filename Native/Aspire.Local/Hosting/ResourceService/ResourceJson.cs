using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.ResourceService;

/// <summary>A resource, or one replica of it, as the dashboard reads it.</summary>
internal sealed record ResourceJson(
    string Name,
    string DisplayName,
    string Type,
    string? State,
    string? Health,
    IEnumerable<HealthJson> HealthReports,
    DateTime? CreatedAt,
    DateTime? StartedAt,
    DateTime? StoppedAt,
    int? ExitCode,
    int? Pid,
    string? Source,
    IEnumerable<UrlJson> Urls,
    IEnumerable<VariableJson> Environment,
    IReadOnlyDictionary<string, string?> Properties,
    IEnumerable<RelationshipSnapshot> Relationships,
    IEnumerable<CommandJson> Commands,
    bool IsHidden)
{
    private static readonly string[] SecretParts = ["PASSWORD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "_URI"];

    public static ResourceJson Of(ResourceEvent state)
    {
        var snapshot = state.Snapshot;
        var properties = snapshot.Properties.GroupBy(property => property.Name).ToDictionary(same => same.Key, same => same.Last());
        return new ResourceJson(
            state.ResourceId,
            state.Resource.Name,
            snapshot.ResourceType,
            snapshot.State?.Text,
            snapshot.HealthStatus?.ToString(),
            snapshot.HealthReports.Select(report => new HealthJson(report.Name, report.Status?.ToString(), report.Description)),
            snapshot.CreationTimeStamp,
            snapshot.StartTimeStamp,
            snapshot.StopTimeStamp,
            snapshot.ExitCode,
            properties.GetValueOrDefault(KnownProperties.ProcessId)?.Value as int?,
            properties.GetValueOrDefault(CustomResourceKnownProperties.Source)?.Value as string,
            snapshot.Urls.Where(url => !url.IsInactive).Select(url => new UrlJson(url.DisplayProperties.DisplayName is { Length: > 0 } text ? text : url.Name, url.Url, url.IsInternal)),
            snapshot.EnvironmentVariables.Select(variable => new VariableJson(variable.Name, variable.Value, IsSecret(variable.Name))),
            properties.ToDictionary(property => property.Key, property => Text(property.Value)),
            snapshot.Relationships,
            snapshot.Commands.Where(command => command.State != ResourceCommandState.Hidden).Select(command => new CommandJson(command.Name, command.DisplayName, command.State == ResourceCommandState.Enabled)),
            snapshot.IsHidden);
    }

    private static string? Text(ResourcePropertySnapshot property) => property switch
    {
        { IsSensitive: true } => "••••••",
        { Value: IEnumerable<string> many } => string.Join(' ', many),
        _ => Convert.ToString(property.Value, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static bool IsSecret(string variable) =>
        variable.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || variable == "OTEL_EXPORTER_OTLP_HEADERS"
        || SecretParts.Any(part => variable.Contains(part, StringComparison.OrdinalIgnoreCase));
}

/// <summary>What a health check last said.</summary>
internal sealed record HealthJson(string Name, string? Status, string? Description);

/// <summary>A link.</summary>
internal sealed record UrlJson(string? Name, string Url, bool IsInternal);

/// <summary>A variable of the process.</summary>
internal sealed record VariableJson(string Name, string? Value, bool IsSecret);

/// <summary>Something that can be done.</summary>
internal sealed record CommandJson(string Name, string DisplayName, bool Enabled);

/// <summary>The first line of the stream of resources: all of them.</summary>
internal sealed record SnapshotJson(string Type, IEnumerable<ResourceJson> Resources);

/// <summary>Each further line of the stream of resources: one that has changed.</summary>
internal sealed record UpsertJson(string Type, ResourceJson Resource);

/// <summary>One line of a console.</summary>
internal sealed record LogLineJson(int LineNumber, DateTime Timestamp, string Text, bool IsError);

/// <summary>How a command ended.</summary>
internal sealed record CommandResultJson(bool Success, string? Message);

/// <summary>How the lines are written: names in camelCase, nulls too.</summary>
internal static class ResourceServiceJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
