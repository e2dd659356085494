using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Publishing;

/// <summary>Configuration section <c>Ingest</c>: which topic carries the events.</summary>
public partial class TopicOptions
{
    /// <summary>The configuration section that names the topic.</summary>
    public const string Section = "Ingest";

    /// <summary>The topic where none is configured.</summary>
    public const string DefaultTopic = "assessment-attempts";

    /// <summary>Kafka's rule for the name of a topic, in words.</summary>
    public const string NameRule = "a Kafka topic name: 1 to 249 letters, digits, dots, underscores or hyphens";

    private const string NamePattern = "^[a-zA-Z0-9._-]{1,249}$";

    /// <summary>The topic's name.</summary>
    [Required(ErrorMessage = "Ingest:Topic must not be empty.")]
    [RegularExpression(NamePattern, ErrorMessage = $"Ingest:Topic must be {NameRule}.")]
    public string Topic { get; set; } = DefaultTopic;

    /// <summary>Whether Kafka would take this as the name of a topic.</summary>
    public static bool IsName(string name) => NameRegex().IsMatch(name);

    /// <summary>Binds the options; a name that Kafka would not take ends the program at its start.</summary>
    public static void Add(IServiceCollection services) => services.AddOptions<TopicOptions>()
        .BindConfiguration(Section)
        .ValidateDataAnnotations()
        .ValidateOnStart();

    [GeneratedRegex(NamePattern)]
    private static partial Regex NameRegex();
}
