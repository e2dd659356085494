using System.ComponentModel;
using System.Text.Json.Serialization;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>How the questions of a course do by topic, over all of its exams.</summary>
internal sealed record CourseTopics(
    [property: Description("The course's name.")] string Name,
    [property: Description("The course's slug.")] string Slug,
    [property: Description("The topics, the hardest first; the questions of which the catalogue names no topic come last.")] IReadOnlyList<TopicFigures> Topics)
{
    /// <summary>Sums up the item analysis of a course's exams.</summary>
    public static IReadOnlyList<TopicFigures> Of(IEnumerable<ExamAnalysis> exams) =>
    [
        .. exams.SelectMany(exam => exam.Questions)
            .GroupBy(question => question.Topic)
            .Select(questions => TopicFigures.Of(questions.Key, [.. questions]))
            .OrderBy(topic => topic.Topic is null)
            .ThenBy(topic => topic.Facility)
            .ThenBy(topic => topic.Topic, StringComparer.Ordinal),
    ];
}

/// <summary>How the questions of a topic do.</summary>
internal sealed record TopicFigures(
    [property: Description("The topic; null for the questions of which the catalogue names none.")] string? Topic,
    [property: Description("Its questions that attempts were shown.")] int Questions,
    [property: Description("Answers to them: a question of an attempt, left out or not.")] long Answers,
    [property: Description("How many of these are wholly correct.")] long Correct,
    [property: Description("Share in percent of correct answers.")] double Facility,
    [property: Description("Lower bound of that share with a confidence of 95 % (Wilson's score interval, each answer by itself).")] double FacilityLow,
    [property: Description("Upper bound of it.")] double FacilityHigh,
    [property: Description("Mean corrected item–total correlation of those of its questions that have one.")] double? MeanItemRest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("Why the mean is null.")] string? Reason = null)
{
    public static TopicFigures Of(string? topic, QuestionAnalysis[] questions)
    {
        var (answers, correct) = (questions.Sum(question => question.Attempts), questions.Sum(question => question.Correct));
        var share = Interval.OfShare(correct, answers)!.Value;
        var itemRest = questions.Average(question => question.ItemRest);
        return new TopicFigures(
            topic, questions.Length, answers, correct, 100 * share.Estimate, 100 * share.Low, 100 * share.High, itemRest,
            itemRest is null ? "None of its questions can be related to the total." : null);
    }
}
