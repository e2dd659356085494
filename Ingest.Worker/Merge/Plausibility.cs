using Assessments;

namespace Ingest.Worker.Merge;

/// <summary>What an event can say of an attempt. The row keeps what can't be as it was said, apart; it is told, and no figure is made of it.</summary>
internal static class Plausibility
{
    /// <summary>The most questions that an attempt can have: what a place in it, a smallint, can tell apart.</summary>
    private const int MostQuestions = short.MaxValue;

    /// <summary>Before any attempt could be, in ticks since 1970.</summary>
    private static readonly long First = TicksOf(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    /// <summary>Whether no count is negative, over the total, or over what an attempt can have.</summary>
    public static bool IsPlausible(AttemptCounts counts)
    {
        var most = counts.Total ?? MostQuestions;
        return IsUpTo(MostQuestions, counts.Total) && IsUpTo(most, counts.Correct) && IsUpTo(most, counts.Incorrect)
            && IsUpTo(most, counts.Incomplete) && IsUpTo(most, counts.Submitted) && IsUpTo(most, counts.Unanswered);

        static bool IsUpTo(int most, int? count) => count is null || (count >= 0 && count <= most);
    }

    /// <summary>
    /// Whether a start is from 2000 on, at most a year after its event's own time, and at most a day after its record's and after now. A year, as exports stamp
    /// events with a date of their own. The record's time is the same at each reading, so that the answer is too.
    /// </summary>
    /// <param name="start">UTC.</param>
    /// <param name="version">The event's own time in ticks since 1970; one before 2000 says nothing.</param>
    /// <param name="recordedAt">The record's time on Kafka, UTC; one before 2000 says nothing either.</param>
    public static bool IsPlausible(DateTime start, long version, DateTime? recordedAt)
    {
        var now = DateTime.UtcNow;
        var recorded = recordedAt is { } time && TicksOf(time) >= First && time < now ? time : now;
        return TicksOf(start) >= First
            && TicksOf(start) <= TicksOf(recorded) + TimeSpan.TicksPerDay
            && (version < First || TicksOf(start) <= version + 366 * TimeSpan.TicksPerDay);
    }

    private static long TicksOf(DateTime time) => (time - DateTime.UnixEpoch).Ticks;
}
