using System.Diagnostics.CodeAnalysis;
using Assessments;

namespace Analytics.Api.Events;

/// <summary>The Kafka key of an event that ingest will take.</summary>
internal static class EventKey
{
    /// <summary>Reads the whole event, since one that ingest can't read is better refused here than found among the dead letters.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? key, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            key = AttemptEventReader.Read(utf8).UserExamId;
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
