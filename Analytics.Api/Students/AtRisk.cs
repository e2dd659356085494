using System.ComponentModel;

namespace Analytics.Api.Students;

/// <summary>The rules by which a student needs help.</summary>
internal static class AtRiskRules
{
    /// <summary>Percentage points that the last score is below the first, at least.</summary>
    public const int FallingPoints = 20;

    /// <summary>Percent of its questions that the last attempt left unanswered, at least.</summary>
    public const int UnansweredPercent = 25;

    /// <summary>Days without an attempt before the newest one of all, without having passed.</summary>
    public const int IdleDays = 60;

    public static readonly string FallingSentence = $"Falling: the last score is {FallingPoints} points or more below the first.";
    public static readonly string UnansweredSentence = $"Unanswered: the last attempt left {UnansweredPercent} % or more of its questions unanswered.";
    public static readonly string IdleSentence =
        $"Idle: no attempt was over the pass mark, and the last one started {IdleDays} days or more before the newest of all.";
}

/// <summary>Students who need help.</summary>
internal sealed record StudentsAtRisk([property: Description("A row a student and course.")] IReadOnlyList<StudentAtRisk> Students);

/// <summary>A student who needs help in a course.</summary>
internal sealed record StudentAtRisk(
    [property: Description("The user_id.")] string UserId,
    [property: Description("The course's name.")] string Course,
    [property: Description("The course's slug.")] string CourseSlug,
    [property: Description("Attempts at the course.")] long Attempts,
    [property: Description("When the last one started, UTC.")] DateTimeOffset? LastStart,
    [property: Description("Score in percent of the first scored attempt.")] double? FirstScore,
    [property: Description("Score in percent of the last scored attempt.")] double? LastScore,
    [property: Description("Percent of its questions that the last attempt left unanswered; null where it does not say.")] double? Unanswered,
    [property: Description("Whether the scores fall.")] bool IsFalling,
    [property: Description("Whether much is left unanswered.")] bool IsUnanswered,
    [property: Description("Whether the student has been idle without having passed.")] bool IsIdle);
