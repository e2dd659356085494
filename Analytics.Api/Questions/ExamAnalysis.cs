using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Questions;

/// <summary>The item analysis of a course: each of its exams by itself.</summary>
internal sealed record CourseAnalysis(
    [property: Description("The course's name.")] string Name,
    [property: Description("The course's slug.")] string Slug,
    [property: Description("Its exams.")] IReadOnlyList<ExamAnalysis> Exams);

/// <summary>
/// The item analysis of an exam, over attempts by their newest event. Scores are in percent of the questions. Alpha and what comes of it need attempts that
/// were all shown the same questions: they are about one version of the exam.
/// </summary>
internal sealed record ExamAnalysis(
    [property: Description("The exam's base_exam_id.")] string BaseExamId,
    [property: Description("The version (set of questions) that the exam's figures, and all that relate a question to the total, are about: the one that "
        + "was asked for, else the one that most attempts had, of as many the one that was started last. Null where no version has more than a third of the "
        + "attempts, as where questions are drawn from a pool: then they are about all attempts of the exam's length.")] string? Version,
    [property: Description("Attempts of every version that were shown at least one question.")] long Attempts,
    [property: Description("The version's number of questions; without a version the number of distinct questions that most attempts were shown, on a tie "
        + "the greater.")] int Length,
    [property: Description("Attempts of the version; without a version those that were shown just as many questions. The exam's figures, and all that "
        + "relate a question to the total, are about these.")] long Complete,
    [property: Description("The mean score.")] double? MeanScore,
    [property: Description("The sample standard deviation of the score.")] double? StandardDeviation,
    [property: Description("Skewness of the score (k-statistics).")] double? Skewness,
    [property: Description("Excess kurtosis of the score (k-statistics).")] double? Kurtosis,
    [property: Description("Cronbach's alpha, here KR-20; Moodle's coefficient of internal consistency.")] double? Alpha,
    [property: Description("Standard error of measurement, in percent of the questions.")] double? StandardError,
    [property: Description("Moodle's error ratio in percent: the share of the standard deviation that is chance, 100·√(1 − alpha).")] double? ErrorRatio,
    [property: Description("How many of these attempts answered 0, 1, 2 and so on up to all questions correctly.")] IReadOnlyList<long> Totals,
    [property: Description("The exam's versions by attempts, of as many the one that was started last first: twenty at most, and the one that was asked for.")] IReadOnlyList<ExamVersion> Versions,
    [property: Description("Whether the exam has versions that are not listed.")] bool HasMoreVersions,
    [property: Description(
        "The questions, the hardest first: all of the exam's, or those of the version that was asked for.")] IReadOnlyList<QuestionAnalysis> Questions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null);

/// <summary>The analysis of one question. An answer that is not wholly correct counts as wrong, an unanswered one too.</summary>
internal sealed record QuestionAnalysis(
    [property: Description("The base_exam_id of its exam.")] string BaseExamId,
    [property: Description("The question's id; empty where the events have none.")] string QuestionId,
    [property: Description("Attempts that were shown it, of every version unless one was asked for; so are the counts, facility, standard deviation and "
        + "options.")] long Attempts,
    [property: Description("How many answered it correctly.")] long Correct,
    [property: Description("How many chose a wrong option.")] long Incorrect,
    [property: Description("How many chose no wrong option but missed a right one.")] long MissedSome,
    [property: Description("How many did not answer it.")] long Omitted,
    [property: Description("Facility index: share in percent of correct answers.")] double? Facility,
    [property: Description("Sample standard deviation of the question's score, in percent.")] double? StandardDeviation,
    [property: Description("Share of correct answers in the upper 27 % of its attempts by total score less that in the lower 27 %, from −1 to 1; takers "
        + "with the total at the cut count by the fraction that is needed.")] double? DiscriminationIndex,
    [property: Description("Correlation with the total score.")] double? PointBiserial,
    [property: Description(
        "Corrected item–total correlation: with the total of the other questions; times 100 it is Moodle's discrimination index.")] double? ItemRest,
    [property: Description("Moodle's discriminative efficiency in percent.")] double? DiscriminativeEfficiency,
    [property: Description("Intended weight in percent: every question weighs the same.")] double IntendedWeight,
    [property: Description("Moodle's effective weight in percent.")] double? EffectiveWeight,
    [property: Description(
        "Alpha of the exam without this question; null where questions are drawn from a pool, the effective weight too.")] double? AlphaIfDeleted,
    [property: Description("What to think of it, in words.")] string Verdict,
    [property: Description("The rule that gave the verdict.")] string Rule,
    [property: Description("How often each option was chosen.")] IReadOnlyList<OptionAnalysis> Options,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question asks, by the catalogue.")]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question is about, by the catalogue.")]
    public string? Topic { get; init; }
}

/// <summary>How often an option was chosen.</summary>
internal sealed record OptionAnalysis(
    [property: Description("The option's id; empty where the events have none.")] string OptionId,
    [property: Description("Whether it is a right one.")] bool IsCorrect,
    [property: Description("Answers that showed it.")] long Shown,
    [property: Description("How many of these chose it.")] long Chosen)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the option says, by the catalogue.")]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull),
        Description("Whether it is a right one by the catalogue, if that says; figures go by isCorrect.")]
    public bool? CatalogueKey { get; init; }
}
