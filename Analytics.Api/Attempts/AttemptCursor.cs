using System.Globalization;

namespace Analytics.Api.Attempts;

/// <summary>A place in the list of attempts: after this start and, of equal starts, this attempt.</summary>
/// <param name="StartedAt">UTC, whole microseconds; null among the attempts that have no start.</param>
/// <param name="AttemptId">The attempt's key in the database.</param>
internal readonly record struct AttemptCursor(DateTime? StartedAt, long AttemptId)
{
    /// <summary>Microseconds since 1970, an underscore and the key; nothing before the underscore where there is no start.</summary>
    public const string Pattern = "^(-?[0-9]{1,18})?_[0-9]{1,18}$";

    public static bool TryParse(string text, out AttemptCursor cursor)
    {
        cursor = default;
        if (text.Split('_') is not [var start, var id] || !long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var attemptId))
        {
            return false;
        }

        if (start.Length == 0)
        {
            cursor = new AttemptCursor(null, attemptId);
            return true;
        }

        if (!long.TryParse(start, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var microseconds)
            || microseconds < -62_135_596_800_000_000 || microseconds > 253_402_300_799_999_999)
        {
            return false;
        }

        cursor = new AttemptCursor(DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), attemptId);
        return true;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(StartedAt - DateTime.UnixEpoch)?.Ticks / TimeSpan.TicksPerMicrosecond}_{AttemptId}");
}
