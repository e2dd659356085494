using Assessments;
using Ingest.Worker.Batches;

namespace Ingest.Worker.Merge;

/// <summary>What one event adds to the rollups: as a message once for all, as an attempt as long as it is the attempt's newest.</summary>
/// <param name="ExamId">The exam's key in the database.</param>
/// <param name="CourseId">The key of the exam's course.</param>
/// <param name="UserId">The user; null where the event names none.</param>
/// <param name="Certification">Whether the attempt is for certification.</param>
/// <param name="Total">Questions asked, where the event states plausible counts.</param>
/// <param name="Correct">Questions answered correctly, where the event states plausible counts.</param>
/// <param name="Completion">What it left incomplete or unanswered, where the event states it and its total.</param>
/// <param name="StartedAt">UTC, whole microseconds; null where the event says nothing plausible.</param>
/// <param name="EndedAt">When the last option was touched; UTC, whole microseconds.</param>
/// <param name="HasImplausibleCounts">Whether it states counts that can't be.</param>
/// <param name="ImplausibleStart">The start that can't be, as it was said.</param>
internal readonly record struct AttemptFigures(
    int ExamId, int CourseId, string? UserId, bool Certification, int? Total, int? Correct,
    (int Incomplete, int Unanswered)? Completion, DateTime? StartedAt, DateTime? EndedAt, bool HasImplausibleCounts, DateTime? ImplausibleStart)
{
    public static AttemptFigures Of(IncomingMessage message, Exam exam)
    {
        var attempt = message.Event!;
        var counts = attempt.Counts is { } stated && Plausibility.IsPlausible(stated) ? stated : null;
        var start = WholeMicroseconds(attempt.StartedAt);
        var isPlausible = start is { } time && Plausibility.IsPlausible(time, BatchMerge.VersionOf(attempt), message.Timestamp);
        return new(
            exam.Id,
            exam.CourseId,
            string.IsNullOrEmpty(attempt.UserId) ? null : attempt.UserId,
            attempt.Certification,
            counts?.Total,
            counts?.Correct,
            CompletionOf(counts?.Total, counts?.Incomplete, counts?.Unanswered),
            isPlausible ? start : null,
            WholeMicroseconds(EndOf(attempt)),
            attempt.Counts is not null && counts is null,
            isPlausible ? null : start);
    }

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
