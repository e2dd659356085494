using System.Diagnostics.CodeAnalysis;
using System.Text;
using Assessments;

namespace Publishing;

/// <summary>What may go on the topic as an event: that which ingest will take, since both ask the same reader.</summary>
public static class EventCheck
{
    /// <summary>Reads the whole event, since one that ingest can't read is better refused here than found among the dead letters.</summary>
    /// <param name="utf8">The event's bytes.</param>
    /// <param name="key">The Kafka key, its user_exam_id in UTF-8, which keeps one attempt's events in order in one partition.</param>
    /// <param name="reason">What is wrong with it, in one sentence.</param>
    public static bool TryReadKey(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            key = Encoding.UTF8.GetBytes(AttemptEventReader.Read(utf8).UserExamId);
            reason = null;
            return true;
        }
        catch (InvalidEventException invalid)
        {
            key = null;
            reason = invalid.Reason;
            return false;
        }
    }
}
