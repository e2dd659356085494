using Assessments;

namespace Ingest.Worker.Merge;

/// <summary>What one event adds to the rollups: as a message once for all, as an attempt as long as it is the attempt's newest.</summary>
/// <param name="ExamId">The exam's key in the database.</param>
/// <param name="CourseId">The key of the exam's course.</param>
/// <param name="UserId">The user; null where the event names none.</param>
/// <param name="Certification">Whether the attempt is for certification.</param>
/// <param name="Total">Questions asked, where the event states it.</param>
/// <param name="Correct">Questions answered correctly, where the event states it.</param>
/// <param name="Completion">What it left incomplete or unanswered, where the event states it and its total.</param>
/// <param name="StartedAt">UTC, whole microseconds.</param>
/// <param name="EndedAt">When the last option was touched; UTC, whole microseconds.</param>
internal readonly record struct AttemptFigures(
    int ExamId, int CourseId, string? UserId, bool Certification, int? Total, int? Correct,
    (int Incomplete, int Unanswered)? Completion, DateTime? StartedAt, DateTime? EndedAt)
{
    public static AttemptFigures Of(AttemptEvent attempt, Exam exam) => new(
        exam.Id,
        exam.CourseId,
        string.IsNullOrEmpty(attempt.UserId) ? null : attempt.UserId,
        attempt.Certification,
        attempt.Counts?.Total,
        attempt.Counts?.Correct,
        CompletionOf(attempt.Counts?.Total, attempt.Counts?.Incomplete, attempt.Counts?.Unanswered),
        WholeMicroseconds(attempt.StartedAt),
        WholeMicroseconds(EndOf(attempt)));

    /// <summary>
    /// PostgreSQL keeps microseconds and events have tenths of them. What is added is cut before, so that the same can be taken away again later.
    /// </summary>
    public static DateTime? WholeMicroseconds(DateTime? time) =>
        time is { } value ? new DateTime(value.Ticks - value.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc) : null;

    public static (int Incomplete, int Unanswered)? CompletionOf(int? total, int? incomplete, int? unanswered) =>
        total is not null && incomplete is { } missing && unanswered is { } omitted ? (missing, omitted) : null;

    private static DateTime? EndOf(AttemptEvent attempt)
    {
        DateTime? end = null;
        foreach (var question in attempt.Questions)
        {
            foreach (var option in question.Options)
            {
                if (option.At is { } at && (end is null || at > end))
                {
                    end = at;
                }
            }
        }

        return end;
    }
}
