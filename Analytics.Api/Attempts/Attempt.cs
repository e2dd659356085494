using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Analytics.Api.Attempts;

/// <summary>An attempt by its newest event.</summary>
internal record Attempt(
    [property: Description("The attempt's id.")] string UserExamId,
    [property: Description("The user; null where the event names none.")] string? UserId,
    [property: Description("The name of the course.")] string Course,
    [property: Description("The course's slug.")] string CourseSlug,
    [property: Description("The exam's base_exam_id.")] string BaseExamId,
    [property: Description("Whether it was for certification.")] bool Certification,
    [property: Description("When it started, UTC; null where the event states no plausible start.")] DateTimeOffset? StartedAt,
    [property: Description("When the last option was touched, UTC.")] DateTimeOffset? EndedAt,
    [property: Description("From the start to the last touch, in minutes; negative where events say so.")] double? Minutes,
    [property: Description("Questions asked, as the event states it; null where its counts can't be.")] int? Total,
    [property: Description("Questions answered correctly, as the event states it; null where its counts can't be.")] int? Correct,
    [property: Description("Score in percent; null where the event states no plausible counts.")] double? Score)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The start as the event states it, where it can't be: before 2000, or over a day after the event's own time or after now.")]
    public DateTimeOffset? ImplausibleStart { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("The counts as the event states them, where they can't be: one is negative, over the total or over 32767.")]
    public ImplausibleCounts? ImplausibleCounts { get; init; }
}

/// <summary>Counts as an event states them.</summary>
internal sealed record ImplausibleCounts(
    [property: Description("Questions asked.")] int? Total,
    [property: Description("Questions answered correctly.")] int? Correct,
    [property: Description("Questions with a wrong option chosen.")] int? Incorrect,
    [property: Description("Questions without a wrong option but with a right one missing.")] int? Incomplete,
    [property: Description("Questions answered at all.")] int? Submitted,
    [property: Description("Questions not answered.")] int? Unanswered);

/// <summary>A page of attempts, the latest start first and those without a start last.</summary>
internal sealed record AttemptPage(
    [property: Description("The page.")] IReadOnlyList<Attempt> Attempts,
    [property: Description("The cursor of the next page; null on the last.")] string? Next);

/// <summary>One attempt, question by question.</summary>
internal sealed record AttemptDetail : Attempt
{
    public AttemptDetail(Attempt attempt) : base(attempt)
    {
    }

    [JsonPropertyOrder(1), Description("The event that it was made of, its newest.")]
    public required string KeenId { get; init; }

    [JsonPropertyOrder(1), Description("How many times that event was delivered.")]
    public required long Deliveries { get; init; }

    [JsonPropertyOrder(1), Description("When that event was stored, UTC.")]
    public required DateTimeOffset? CreatedAt { get; init; }

    [JsonPropertyOrder(1), Description("Which attempt of the user at this exam the event says it is.")]
    public required int? AttemptNumber { get; init; }

    [JsonPropertyOrder(1), Description("How many attempts the exam allows.")]
    public required int? MaxAttempts { get; init; }

    [JsonPropertyOrder(1), Description("Questions with a wrong option chosen, as the event states it.")]
    public required int? Incorrect { get; init; }

    [JsonPropertyOrder(1), Description("Questions without a wrong option but with a right one missing, as the event states it.")]
    public required int? Incomplete { get; init; }

    [JsonPropertyOrder(1), Description("Questions answered at all, as the event states it.")]
    public required int? Submitted { get; init; }

    [JsonPropertyOrder(1), Description("Questions not answered, as the event states it.")]
    public required int? Unanswered { get; init; }

    [JsonPropertyOrder(1), Description("The questions in the order in which they were shown.")]
    public required IReadOnlyList<Answer> Answers { get; init; }
}

/// <summary>The answer to one question.</summary>
internal sealed record Answer(
    [property: Description("The question's place, from 1.")] int Position,
    [property: Description("The question's id; empty where the event has none.")] string QuestionId,
    [property: Description("correct, incorrect, missed_some or unanswered.")] string? Result,
    [property: Description("Whether it is wholly correct.")] bool? Correct,
    [property: Description("Whether a right option is missing.")] bool? Incomplete,
    [property: Description("Whether it was answered at all.")] bool? Submitted,
    [property: Description("The latest time at which one of its options was touched, UTC.")] DateTimeOffset? AnsweredAt,
    [property: Description("The options in the order in which they were shown.")] IReadOnlyList<AnsweredOption> Options)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question asks, by the catalogue.")]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the question is about, by the catalogue.")]
    public string? Topic { get; init; }
}

/// <summary>An option as the student left it.</summary>
internal sealed record AnsweredOption(
    [property: Description("The option's id; empty where the event has none.")] string OptionId,
    [property: Description("Whether it is a right one.")] bool IsCorrect,
    [property: Description("Whether it was chosen.")] bool? Checked,
    [property: Description("Whether it was handed in.")] bool? Submitted,
    [property: Description("When it was last touched, UTC.")] DateTimeOffset? At)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("What the option says, by the catalogue.")]
    public string? Text { get; init; }
}
