using System.Globalization;

namespace Assessments;

/// <summary>The two ways in which events write a time, both exact to 100 ns; further decimals are cut off.</summary>
internal static class EventTime
{
    private static readonly long s_firstTicks = -DateTime.UnixEpoch.Ticks;
    private static readonly long s_lastTicks = DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks;

    /// <summary>Seconds since the Unix epoch, such as 1516717442.735266, to 100 ns ticks; only of the years 1 to 9999.</summary>
    public static bool TryParseEpochSeconds(ReadOnlySpan<byte> text, out long ticks)
    {
        // The common form by hand; a sign, an exponent (as Java writes a double) or more digits take the long way.
        ticks = 0;
        int point = text.IndexOf((byte)'.');
        int wholeDigits = point < 0 ? text.Length : point;
        int decimals = point < 0 ? 0 : text.Length - point - 1;
        if (wholeDigits is > 0 and <= 11 && decimals <= 7 && (point < 0 || decimals > 0))
        {
            bool digitsOnly = true;
            for (int i = 0; i < text.Length; i++)
            {
                if (i == point)
                {
                    continue;
                }

                int digit = text[i] - '0';
                digitsOnly &= (uint)digit <= 9;
                ticks = ticks * 10 + digit;
            }

            if (digitsOnly)
            {
                for (int i = decimals; i < 7; i++)
                {
                    ticks *= 10;
                }

                return true;
            }
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal seconds)
            || seconds < s_firstTicks / 10_000_000m || seconds > s_lastTicks / 10_000_000m)
        {
            ticks = 0;
            return false;
        }

        ticks = (long)(seconds * 10_000_000m);
        return true;
    }

    /// <summary>ISO 8601 date and time with seconds, decimals if any, and Z, an offset or nothing (which is UTC); the result is UTC.</summary>
    public static bool TryParseIso8601(ReadOnlySpan<byte> text, out DateTime time)
    {
        time = default;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) is not ('t' or ' ') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        int year = Digits(text[..2]) * 100 + Digits(text.Slice(2, 2));
        int month = Digits(text.Slice(5, 2));
        int day = Digits(text.Slice(8, 2));
        int hour = Digits(text.Slice(11, 2));
        int minute = Digits(text.Slice(14, 2));
        int second = Digits(text.Slice(17, 2));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        long ticks = new DateTime(year, month, day, hour, minute, second).Ticks;
        text = text[19..];
        if (text is [(byte)'.' or (byte)',', ..])
        {
            long unit = TimeSpan.TicksPerSecond / 10;
            int i = 1;
            for (; i < text.Length && (uint)(text[i] - '0') <= 9; i++, unit /= 10)
            {
                ticks += (text[i] - '0') * unit;
            }

            if (i == 1)
            {
                return false;
            }

            text = text[i..];
        }

        if (!TryParseOffset(text, out long offset))
        {
            return false;
        }

        ticks -= offset;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    /// <summary>Z, +hh, +hhmm, +hh:mm or nothing.</summary>
    private static bool TryParseOffset(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || (text.Length == 6 && text[3] != ':'))
        {
            return false;
        }

        int hours = Digits(text.Slice(1, 2));
        int minutes = text.Length == 3 ? 0 : Digits(text[^2..]);
        if (hours is < 0 or > 23 || minutes is < 0 or > 59)
        {
            return false;
        }

        ticks = (hours * 60 + minutes) * TimeSpan.TicksPerMinute * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>The value of two digits; far below zero if they are none.</summary>
    private static int Digits(ReadOnlySpan<byte> two)
    {
        int tens = two[0] - '0', ones = two[1] - '0';
        return (uint)tens <= 9 && (uint)ones <= 9 ? tens * 10 + ones : -1_000_000;
    }
}
