using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Questions;

/// <summary>The Rasch calibration of a course: each of its exams by itself.</summary>
internal sealed record CourseCalibration(
    [property: Description("The course's name.")] string Name,
    [property: Description("The course's slug.")] string Slug,
    [property: Description("Its exams.")] IReadOnlyList<ExamCalibration> Exams);

/// <summary>The Rasch calibration of an exam, over attempts by their newest event. Difficulties and abilities are in logits.</summary>
internal sealed record ExamCalibration(
    [property: Description("The exam's base_exam_id.")] string BaseExamId,
    [property: Description("The version (set of questions) that is calibrated: the one that was asked for, else the one that most attempts had, of as many "
        + "the one that was started last. Null where no version has more than a third of the attempts, as where questions are drawn from a pool.")] string? Version,
    [property: Description(
        "Attempts of the version, without a version those that were shown as many questions as most were; only these are calibrated.")] long Attempts,
    [property: Description("Of these, the attempts with some questions right and some wrong; the others say nothing on difficulties.")] long Informative,
    [property: Description("The conditional log-likelihood at its maximum.")] double? LogLikelihood,
    [property: Description("Person separation reliability: the share of the abilities' variance that is not error of measurement; below 0 where the error "
        + "is greater.")] double? SeparationReliability,
    [property: Description("The exam's versions by attempts, of as many the one that was started last first: twenty at most, and the one that was asked for.")] IReadOnlyList<ExamVersion> Versions,
    [property: Description("Whether the exam has versions that are not listed.")] bool HasMoreVersions,
    [property: Description(
        "The questions of these attempts, the hardest first; those without a difficulty last.")] IReadOnlyList<QuestionCalibration> Questions,
    [property: Description("The ability that each total over the calibrated questions stands for.")] IReadOnlyList<TotalAbility> Abilities,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null);

/// <summary>The calibration of one question. An answer that is not wholly correct counts as wrong, an unanswered one too.</summary>
internal sealed record QuestionCalibration(
    [property: Description("The base_exam_id of its exam.")] string BaseExamId,
    [property: Description("The question's id; empty where the events have none.")] string QuestionId,
    [property: Description("Attempts of these that were shown it.")] long Attempts,
    [property: Description("How many answered it correctly.")] long Correct,
    [property: Description("Difficulty in logits by conditional maximum likelihood; the sum over the calibrated questions is zero.")] double? Difficulty,
    [property: Description("Standard error of the difficulty.")] double? StandardError,
    [property: Description("Infit mean square: 1 if the answers are as random as the model has them, more if they are more erratic, above all near the "
        + "question's difficulty.")] double? Infit,
    [property: Description("Infit standardized; beyond ±2 it is hardly chance.")] double? InfitT,
    [property: Description("Outfit mean square: the same, above all of answers far from the question's difficulty.")] double? Outfit,
    [property: Description("Outfit standardized; beyond ±2 it is hardly chance.")] double? OutfitT,
    [property: Description("How well the answers follow the model, in words.")] string Verdict,
    [property: Description("The rule that gave the verdict.")] string Rule,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question asks, by the catalogue.")]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question is about, by the catalogue.")]
    public string? Topic { get; init; }
}

/// <summary>The ability that a total stands for.</summary>
internal sealed record TotalAbility(
    [property: Description("Correct answers among the calibrated questions.")] int Total,
    [property: Description("Attempts with this total.")] long Attempts,
    [property: Description("Ability in logits by maximum likelihood; of none and all correct extrapolated by a natural spline.")] double? Ability,
    [property: Description("Standard error of the ability; null where it is extrapolated.")] double? StandardError,
    [property: Description("Whether the ability is extrapolated, as none and all correct have no finite estimate.")] bool IsExtrapolated,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why figures are null.")] string? Reason = null);
