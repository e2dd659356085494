using System.ComponentModel.DataAnnotations;

namespace Analytics.Api.Ingest;

/// <summary>Configuration section <c>Ingest</c>: which topic carries the events.</summary>
internal sealed class IngestOptions
{
    /// <summary>The topic's name, by Kafka's rules for one.</summary>
    [Required]
    [RegularExpression("^[a-zA-Z0-9._-]{1,249}$", ErrorMessage = "Ingest:Topic must be a Kafka topic name: 1 to 249 letters, digits, dots, underscores or hyphens.")]
    public string Topic { get; set; } = "assessment-attempts";
}
