using System.ComponentModel;
using System.Text.Json.Serialization;
using Analytics.Api.Figures;

namespace Analytics.Api.Summary;

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

    [JsonPropertyOrder(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the number of repeat takers is null.")]
    public string? RepeatTakersReason => RepeatTakers is null ? Reasons.NoUsers : null;
}
