using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Questions;

/// <summary>How takers of different scores answer one question.</summary>
internal sealed record QuestionOptions(
    [property: Description("The course's slug.")] string Slug,
    [property: Description("The exam's base_exam_id.")] string BaseExamId,
    [property: Description("The question's id.")] string QuestionId,
    [property: Description("Attempts by the share of their questions that they solved, in fifths, the weakest first; those that nobody is in are left out.")]
    IReadOnlyList<ScoreGroup> Groups);

/// <summary>Attempts whose scores, over the questions that they were shown, lie in one fifth.</summary>
internal sealed record ScoreGroup(
    [property: Description("The lowest score of the group, in percent.")] int From,
    [property: Description("The score that its scores are below, in percent; of the last group 100 is in.")] int To,
    [property: Description("Its attempts that were shown the question.")] long Attempts,
    [property: Description("How many of these answered it correctly.")] long Correct,
    [property: Description("How many did not answer it.")] long Omitted,
    [property: Description("How often each option was chosen, the right ones first.")] IReadOnlyList<GroupOption> Options);

/// <summary>How often takers of a score group chose an option.</summary>
internal sealed record GroupOption(
    [property: Description("The lowest score of the group, in percent.")] int From,
    [property: Description("The score that its scores are below, in percent; of the last group 100 is in.")] int To,
    [property: Description("The option's id; empty where the events have none.")] string OptionId,
    [property: Description("Whether it is a right one.")] bool IsCorrect,
    [property: Description("Answers that showed it.")] long Shown,
    [property: Description("How many of these chose it.")] long Chosen)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the option says, by the catalogue.")]
    public string? Text { get; init; }
}

/// <summary>How one question does from month to month.</summary>
internal sealed record QuestionMonths(
    [property: Description("The course's slug.")] string Slug,
    [property: Description("The exam's base_exam_id.")] string BaseExamId,
    [property: Description("The question's id.")] string QuestionId,
    [property: Description("The time zone of the months.")] string Tz,
    [property: Description("Months with an attempt, in order; attempts without a plausible start are left out.")] IReadOnlyList<QuestionMonth> Months);

/// <summary>A question in one month.</summary>
internal sealed record QuestionMonth(
    [property: Description("The month, as 2018-01.")] string Month,
    [property: Description("Attempts that were shown the question.")] long Attempts,
    [property: Description("How many answered it correctly.")] long Correct,
    [property: Description("How many did not answer it.")] long Omitted,
    [property: Description("Share in percent of correct answers.")] double Facility,
    [property: Description("Lower bound of that share with a confidence of 95 % (Wilson's score interval).")] double FacilityLow,
    [property: Description("Upper bound of it.")] double FacilityHigh,
    [property: Description("Mean share in percent that the same attempts solved of their other questions: where it moves too, the takers changed and not "
        + "the question. Null where there are no others.")]
    double? RestScore);
