using System.ComponentModel;
using System.Text.Json.Serialization;
using Analytics.Api.Database;
using Npgsql;

namespace Analytics.Api.Figures;

/// <summary>What is told of everything, of a course and of an exam alike. Property orders leave room for what each has besides.</summary>
internal record AttemptFigures(
    [property: JsonPropertyOrder(-1), Description("Records that reached the tables, redeliveries included.")] long Messages,
    [property: JsonPropertyOrder(-1), Description("Messages whose keen_id had come before.")] long Redeliveries,
    [property: JsonPropertyOrder(-1), Description("Distinct user_exam_ids.")] long Attempts,
    [property: JsonPropertyOrder(1), Description("Attempts taken for certification.")] long Certifications,
    [property: JsonPropertyOrder(3), Description("Mean score in percent over the attempts that state their counts.")] double? MeanScore,
    [property: JsonPropertyOrder(3), Description("Mean score in percent over the messages that state their counts, as the published reports count; a "
        + "redelivery moves it.")]
    double? MeanScorePerMessage,
    [property: JsonPropertyOrder(3), Description("Share in percent of all attempts whose score is over the pass mark.")] double? PassRate,
    [property: JsonPropertyOrder(5), Description("Mean number of questions of the attempts that state how many they had, left incomplete and left unanswered.")]
    double? MeanQuestions,
    [property: JsonPropertyOrder(5), Description("Share in percent of these attempts that left no question incomplete or unanswered.")] double? CompletionRate,
    [property: JsonPropertyOrder(5), Description("Mean number of questions that these attempts left unanswered.")] double? MeanUnanswered,
    [property: JsonPropertyOrder(5), Description("Mean number of questions that these attempts left incomplete: answered without a wrong option, but with a "
        + "right one missing.")]
    double? MeanIncomplete,
    [property: JsonPropertyOrder(9),
        Description("Attempts whose counts can't be, as 5 unanswered of 4: kept as they were said, and left out of every score.")] long ImplausibleCounts,
    [property: JsonPropertyOrder(9),
        Description("Attempts whose start can't be, as in 1970: kept as it was said, and left out of every answer about time.")] long ImplausibleStarts)
{
    [JsonPropertyOrder(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why a mean score is null.")]
    public string? MeanScoreReason => MeanScore is null ? Reasons.NoCounts : null;

    [JsonPropertyOrder(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the pass rate is null.")]
    public string? PassRateReason => PassRate is null ? Reasons.NoAttempts : null;

    [JsonPropertyOrder(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the figures of questions and completion are null.")]
    public string? CompletionReason => CompletionRate is null ? Reasons.NoCompletion : null;

    /// <param name="row">A row with a column for each figure, named in lower case with underscores.</param>
    public static AttemptFigures Read(NpgsqlDataReader row) => new(
        row.Get<long>("messages"), row.Get<long>("redeliveries"), row.Get<long>("attempts"), row.Get<long>("certifications"),
        row.Get<double?>("mean_score"), row.Get<double?>("mean_score_per_message"), row.Get<double?>("pass_rate"),
        row.Get<double?>("mean_questions"), row.Get<double?>("completion_rate"), row.Get<double?>("mean_unanswered"), row.Get<double?>("mean_incomplete"),
        row.Get<long>("implausible_counts"), row.Get<long>("implausible_starts"));
}
