using System.Text.RegularExpressions;

namespace Analytics.Api.Ingest;

/// <summary>Configuration section <c>Ingest</c>: which topic carries the events.</summary>
internal sealed partial class IngestOptions
{
    /// <summary>The topic's name, by Kafka's rules for one.</summary>
    public string Topic { get; set; } = "assessment-attempts";

    public static void Add(IServiceCollection services) => services.AddOptions<IngestOptions>()
        .BindConfiguration("Ingest")
        .Validate(options => TopicName().IsMatch(options.Topic), "Ingest:Topic must be a Kafka topic name: 1 to 249 letters, digits, dots, underscores or hyphens.")
        .ValidateOnStart();

    [GeneratedRegex("^[a-zA-Z0-9._-]{1,249}$")]
    private static partial Regex TopicName();
}
