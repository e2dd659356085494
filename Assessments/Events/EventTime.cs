using System.Globalization;

namespace Assessments;

/// <summary>The ways in which events write a time, all exact to 100 ns; further decimals are cut off.</summary>
internal static class EventTime
{
    // Beyond these a number can't be what it is tried as: the end of the year 9999 in seconds, and in milliseconds.
    private const decimal LastSecond = 253_402_300_799.999_999_9m;
    private const decimal FirstSecond = -62_135_596_800m;
    private const decimal LastMillisecond = LastSecond * 1_000;

    /// <summary>What a number of an epoch turned out to be.</summary>
    public enum Epoch : byte { None, Seconds, Milliseconds, TooFine }

    /// <summary>
    /// Seconds since the Unix epoch, such as 1516717442.735266, to 100 ns ticks; only of the years 1 to 9999. What is too large for seconds
    /// is in milliseconds; what is too large for these is in a unit that nobody can tell.
    /// </summary>
    public static Epoch ParseEpoch(ReadOnlySpan<byte> text, out long ticks)
    {
        if (TryParsePlain(text, out ticks))
        {
            return Epoch.Seconds;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var number) || number < FirstSecond)
        {
            return Epoch.None;
        }

        if (number > LastMillisecond)
        {
            return Epoch.TooFine;
        }

        var epoch = number > LastSecond ? Epoch.Milliseconds : Epoch.Seconds;
        ticks = (long)(number * (epoch == Epoch.Seconds ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond));
        return epoch;
    }

    /// <summary>
    /// ISO 8601 date and time, with or without seconds and decimals, and Z, UTC, GMT, an offset or nothing (which is UTC); the result is UTC.
    /// A zone's name in brackets behind the offset, as Java writes it, says nothing more.
    /// </summary>
    public static bool TryParseIso8601(ReadOnlySpan<byte> text, out DateTime time)
    {
        time = default;
        if (text.Length < 16 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) is not ('t' or ' ') || text[13] != ':')
        {
            return false;
        }

        var hasSeconds = text.Length >= 19 && text[16] == ':';
        var year = Digits(text[..2]) * 100 + Digits(text.Slice(2, 2));
        var month = Digits(text.Slice(5, 2));
        var day = Digits(text.Slice(8, 2));
        var hour = Digits(text.Slice(11, 2));
        var minute = Digits(text.Slice(14, 2));
        var second = hasSeconds ? Digits(text.Slice(17, 2)) : 0;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second).Ticks;
        text = text[(hasSeconds ? 19 : 16)..];
        if (hasSeconds && text is [(byte)'.' or (byte)',', ..])
        {
            var unit = TimeSpan.TicksPerSecond / 10;
            var i = 1;
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

        if (!TryParseOffset(text, out var offset))
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

    /// <summary>The common form by hand; a sign, an exponent (as Java writes a double) or more digits take the long way.</summary>
    private static bool TryParsePlain(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        var point = text.IndexOf((byte)'.');
        var wholeDigits = point < 0 ? text.Length : point;
        var decimals = point < 0 ? 0 : text.Length - point - 1;
        if (wholeDigits is < 1 or > 11 || decimals > 7 || (point >= 0 && decimals == 0))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var digit = text[i] - '0';
            if (i == point)
            {
                continue;
            }

            if ((uint)digit > 9)
            {
                ticks = 0;
                return false;
            }

            ticks = ticks * 10 + digit;
        }

        for (var i = decimals; i < 7; i++)
        {
            ticks *= 10;
        }

        return true;
    }

    /// <summary>Z, UTC, GMT, +hh, +hhmm, +hh:mm or nothing, a space before it or none.</summary>
    private static bool TryParseOffset(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        text = text.TrimStart((byte)' ');
        if (text.Length > 2 && text[^1] == ']' && text.IndexOf((byte)'[') is > 0 and var zone)
        {
            text = text[..zone];
        }

        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'] || text.SequenceEqual("UTC"u8) || text.SequenceEqual("GMT"u8))
        {
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || (text.Length == 6 && text[3] != ':'))
        {
            return false;
        }

        var hours = Digits(text.Slice(1, 2));
        var minutes = text.Length == 3 ? 0 : Digits(text[^2..]);
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
