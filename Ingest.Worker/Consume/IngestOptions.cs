using System.ComponentModel.DataAnnotations;
using Publishing;

namespace Ingest.Worker.Consume;

/// <summary>Configuration section <c>Ingest</c>: which topic is read, by which group, and how much goes into one transaction.</summary>
internal sealed class IngestOptions : TopicOptions
{
    /// <summary>The consumer group that shares the topic's partitions.</summary>
    [Required(ErrorMessage = "Ingest:Group must not be empty.")]
    public string Group { get; set; } = "activity-ingest";

    /// <summary>The most messages in one transaction.</summary>
    [Range(1, 100_000, ErrorMessage = "Ingest:BatchMessages must be from 1 to 100000 messages.")]
    public int BatchMessages { get; set; } = 5_000;

    /// <summary>The most bytes of keys and values in one transaction, unless its only message is larger.</summary>
    [Range(1, 1 << 30, ErrorMessage = "Ingest:BatchBytes must be from 1 to 1073741824 bytes.")]
    public int BatchBytes { get; set; } = 12 << 20;

    /// <summary>How long a transaction waits for more messages after its first one; longer while others are being written.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Ingest:BatchWait must be from 00:00:00 to 00:01:00.")]
    public TimeSpan BatchWait { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads the section.</summary>
    /// <exception cref="ValidationException">A setting is out of its range; the message says which one and what it may be.</exception>
    /// <exception cref="InvalidOperationException">A setting is of another type; the message says which one.</exception>
    public static IngestOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<IngestOptions>() ?? new IngestOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return options;
    }
}
