using System.Globalization;
using Analytics.Api.Attempts;
using Analytics.Api.Pages;

namespace Analytics.Api.Report;

/// <summary>The report's charts, each with its sentence.</summary>
internal static class ReportCharts
{
    // More columns than these are too thin to be told apart, so the next longer period takes them together.
    private const int MostDays = 100;
    private const int MostWeeks = 110;
    private const int MostMonths = 120;
    private const int MostMarks = 8;

    /// <summary>Attempts by day, week, month or year, whichever gives columns that can be told apart.</summary>
    public static ColumnChart OverTime(StartSeries starts)
    {
        var periods = starts.Periods.Select(period => (Day: DayOf(period.Period), period.Count)).ToArray();
        var (first, last) = (periods[0].Day, periods[^1].Day);
        var unit = (starts.By, Weeks: (last.DayNumber - first.DayNumber) / 7, Months: 12 * (last.Year - first.Year) + last.Month - first.Month) switch
        {
            (Period.Day, _, _) when periods.Length <= MostDays => "day",
            (Period.Day, <= MostWeeks, _) => "week",
            (_, _, <= MostMonths) => "month",
            _ => "year",
        };
        var columns = periods.GroupBy(period => Beginning(unit, period.Day)).Select(
            group => (Day: group.Key, Count: group.Sum(period => period.Count))).ToArray();
        var busiest = columns.MaxBy(column => column.Count);
        var every = (columns.Length + MostMarks - 1) / MostMarks;
        var marks = columns.Index().Where(column => column.Index % every == 0 && (column.Index == 0 || column.Index + every / 2 < columns.Length))
            .Select((column, mark) => new AxisMark((column.Index + 0.5) / columns.Length, Mark(unit, column.Item.Day), mark % 2 == 1));
        return new ColumnChart(
            "time", $"Attempts by {unit}",
            string.Create(CultureInfo.InvariantCulture, $"{starts.Total / (double)columns.Length:N1} a {unit} on average; most in the {unit} of {Name(unit, busiest.Day)}, with {Wording.Count(busiest.Count)}.")
                .Replace("in the day of", "on", StringComparison.Ordinal).Replace("in the month of", "in", StringComparison.Ordinal).Replace(
                    "in the year of", "in", StringComparison.Ordinal),
            [.. columns.Select(column => new Column(Name(unit, column.Day), column.Count))], [.. marks]);
    }

    /// <summary>Attempts by hour of day.</summary>
    public static ColumnChart HoursOfDay(StartSeries hours)
    {
        var most = hours.Periods.MaxBy(hour => hour.Count)!;
        var least = hours.Periods.MinBy(hour => hour.Count)!;
        return new ColumnChart(
            "hours", "Hour of day",
            $"Most start in the hour from {most.Period}:00, {Wording.Count(most.Count)}; fewest from {least.Period}:00, {Wording.Count(least.Count)}.",
            [.. hours.Periods.Select(hour => new Column($"{hour.Period}:00", hour.Count, hour.Count == most.Count))],
            [.. Enumerable.Range(0, 8).Select(mark => new AxisMark((mark * 3 + 0.5) / 24, $"{mark * 3:00}", mark % 2 == 1))]);
    }

    /// <summary>Attempts by weekday.</summary>
    public static ColumnChart Weekdays(StartSeries weekdays)
    {
        var most = weekdays.Periods.MaxBy(day => day.Count)!;
        var least = weekdays.Periods.MinBy(day => day.Count)!;
        return new ColumnChart(
            "weekdays", "Weekday", $"Most start on a {most.Period}, {Wording.Count(most.Count)}; fewest on a {least.Period}, {Wording.Count(least.Count)}.",
            [.. weekdays.Periods.Select(day => new Column(day.Period, day.Count, day.Count == most.Count))],
            [.. weekdays.Periods.Select((day, index) => new AxisMark((index + 0.5) / 7, day.Period[..3]))]);
    }

    /// <summary>The histogram of scores, those over the pass mark strong.</summary>
    public static ColumnChart Scores(Scores.ScoreDistribution scores, double passMark) => new(
        "scores", "Distribution of scores",
        $"Half of the attempts score {Wording.PlainPercent(scores.Median)} or more, and the best quarter {Wording.PlainPercent(scores.UpperQuartile)}{(scores.UpperQuartile < 100 ? " or more" : "")}; the weakest quarter scores {Wording.PlainPercent(scores.LowerQuartile)}{(scores.LowerQuartile > 0 ? " or less" : "")}.",
        [.. scores.Histogram.Select(
            bin => new Column(string.Create(CultureInfo.InvariantCulture, $"{bin.From:0}–{bin.To:0} %"), bin.Count, bin.From >= passMark))],
        [.. Enumerable.Range(0, 11).Select(mark => new AxisMark(mark / 10.0, mark == 10 ? "100 %" : $"{mark * 10}", mark % 2 == 1))],
        new AxisMark(passMark / 100, string.Create(CultureInfo.InvariantCulture, $"pass mark {passMark} %")));

    private static DateOnly DayOf(string period) => DateOnly.ParseExact(period.Length == 7 ? $"{period}-01" : period, "O", CultureInfo.InvariantCulture);

    private static DateOnly Beginning(string unit, DateOnly day) => unit switch
    {
        "week" => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        "month" => new DateOnly(day.Year, day.Month, 1),
        "year" => new DateOnly(day.Year, 1, 1),
        _ => day,
    };

    private static string Name(string unit, DateOnly day) => unit switch
    {
        "month" => Wording.Month(day),
        "year" => day.Year.ToString(CultureInfo.InvariantCulture),
        _ => Wording.Day(day),
    };

    private static string Mark(string unit, DateOnly day) => unit is "day" or "week" ? Wording.DayAndMonth(day) : Name(unit, day);
}
