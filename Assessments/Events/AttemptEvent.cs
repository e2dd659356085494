namespace Assessments;

/// <summary>One event: what an assessment attempt looked like when it was recorded. A part that the event lacks is null or empty.</summary>
public sealed record AttemptEvent
{
    /// <summary>Identifies the event; the same id again is a redelivery. Never empty.</summary>
    public required string KeenId { get; init; }

    /// <summary>Identifies the attempt; it is the Kafka key. Never empty.</summary>
    public required string UserExamId { get; init; }

    /// <summary>When the event happened, in 100 ns ticks since the Unix epoch, exact to the seventh decimal of the event's seconds.</summary>
    public long? KeenTimestamp { get; init; }

    /// <summary>When the event was stored, in 100 ns ticks since the Unix epoch.</summary>
    public long? KeenCreatedAt { get; init; }

    /// <summary>When the attempt started; UTC, to 100 ns.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>The user, where an event names one.</summary>
    public string? UserId { get; init; }

    /// <summary>Identifies the exam; mostly a UUID.</summary>
    public string? BaseExamId { get; init; }

    /// <summary>The name of the course.</summary>
    public string? ExamName { get; init; }

    /// <summary>Whether the attempt was for certification; false where the event does not say.</summary>
    public bool Certification { get; init; }

    /// <summary>How many attempts the exam allows.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Identifies the sequence of questions.</summary>
    public string? SequenceId { get; init; }

    /// <summary>Which attempt of the user at this exam it is; the first is 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>The attempt's answers in numbers.</summary>
    public AttemptCounts? Counts { get; init; }

    /// <summary>The questions in the order in which the user saw them; empty where the event has none.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];
}

/// <summary>The answers of one attempt, as numbers of questions.</summary>
/// <param name="Total">Questions asked.</param>
/// <param name="Correct">Answered correctly; never more than <paramref name="Total"/>.</param>
/// <param name="Incorrect">Answered with a wrong option.</param>
/// <param name="Incomplete">Answered without a wrong option, but with a right one missing.</param>
/// <param name="Submitted">Answered at all.</param>
/// <param name="Unanswered">Not answered.</param>
/// <param name="AllCorrect">Whether every question was answered correctly.</param>
public sealed record AttemptCounts(
    int? Total, int? Correct, int? Incorrect, int? Incomplete, int? Submitted, int? Unanswered, bool? AllCorrect);

/// <summary>One question as the user answered it.</summary>
/// <param name="Id">Identifies the question within the exam.</param>
/// <param name="UserResult">correct, incorrect, missed_some or unanswered.</param>
/// <param name="UserCorrect">Whether the answer was correct.</param>
/// <param name="UserIncomplete">Whether a right option was missing.</param>
/// <param name="UserSubmitted">Whether it was answered at all.</param>
/// <param name="Options">The options in the order in which the user saw them; empty where the event has none.</param>
public sealed record Question(
    string? Id, string? UserResult, bool? UserCorrect, bool? UserIncomplete, bool? UserSubmitted, IReadOnlyList<Option> Options);

/// <summary>One option of a question.</summary>
/// <param name="Id">Identifies the option within the question.</param>
/// <param name="Checked">Whether the user chose it.</param>
/// <param name="Correct">True for a right option; events leave it out for wrong ones.</param>
/// <param name="Submitted">Whether it was handed in.</param>
/// <param name="At">When the user last touched it; UTC, to 100 ns.</param>
public readonly record struct Option(string? Id, bool? Checked, bool? Correct, bool? Submitted, DateTime? At);
