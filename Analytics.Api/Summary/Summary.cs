using System.ComponentModel;
using System.Text.Json.Serialization;
using Analytics.Api.Figures;

namespace Analytics.Api.Summary;

/// <summary>How many records are no events for one reason.</summary>
internal sealed record DeadLetterReason(
    [property: Description("The reason, with … for ids, places and sizes.")] string Reason,
    [property: Description("How many dead letters have it that are not repaired.")] long Count);

/// <summary>The headline figures of all that was taken.</summary>
internal sealed record Summary : AttemptFigures
{
    public Summary(AttemptFigures figures) : base(figures)
    {
    }

    [Description("Distinct users, and one more for each attempt that names none.")]
    public required long Students { get; init; }

    [Description("Distinct course names.")]
    public required long Courses { get; init; }

    [Description("Distinct exam ids within their courses.")]
    public required long Exams { get; init; }

    [JsonPropertyOrder(4), Description("When the earliest attempt started, UTC.")]
    public required DateTimeOffset? FirstStart { get; init; }

    [JsonPropertyOrder(4), Description("When the latest attempt started, UTC.")]
    public required DateTimeOffset? LastStart { get; init; }

    [JsonPropertyOrder(6), Description("Users, among those that events name, with more than one attempt.")]
    public required long? RepeatTakers { get; init; }

    [JsonPropertyOrder(10), Description("Redeliveries with other bytes than their event had first; what came first is kept.")]
    public required long AlteredRedeliveries { get; init; }

    [JsonPropertyOrder(10), Description("Records that are no events, kept as dead letters and not repaired.")]
    public required long DeadLetters { get; init; }

    [JsonPropertyOrder(10)]
    [Description("These dead letters by reason, the most frequent first, 20 reasons at most; /api/dead-letters/groups tells more of all.")]
    public required IReadOnlyList<DeadLetterReason> DeadLetterReasons { get; init; }

    [JsonPropertyOrder(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the number of repeat takers is null.")]
    public string? RepeatTakersReason => RepeatTakers is null ? Reasons.NoUsers : null;
}
