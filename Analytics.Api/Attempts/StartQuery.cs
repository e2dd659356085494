using System.Globalization;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;
using NpgsqlTypes;

namespace Analytics.Api.Attempts;

/// <summary>When the attempts that a filter leaves start: by period, gaps filled with zero.</summary>
internal static class StartQuery
{
    /// <summary>An answer with more is cut after one further period.</summary>
    // The years from the first plausible start, in 2000, have 8,766 hours each.
    public const int MaxPeriods = 300_000;

    private const int ClockParameter = 6;

    private const string Quarters = $"exam_starts where exam_id in {Scope.Exams}";
    private const string Hours = "(select day, hour quarter, messages, attempts from start_hours) hours where $1::text is null and $2::text is null";

    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private static readonly string Local = Clock.Local("quarter", ClockParameter);

    // $5 is whether messages count.
    private const string ImplausibleSql = $"""
        select coalesce(sum(case when $5 then implausible_start_messages else implausible_start_attempts end), 0)::bigint n
        from exam_totals
        where exam_id in {Scope.Exams}
        """;

    /// <param name="period">One of <see cref="Period"/>.</param>
    /// <param name="filter">Which attempts, and on which clock.</param>
    /// <param name="counting">Messages or attempts.</param>
    public static Query<StartSeries> Of(string period, Filter filter, string counting) => (filter with { From = null, To = null }).Query(
        FilterParts.Course | FilterParts.Exam, [ImplausibleSql, CountsSql(period, SourceOf(filter))],
        [
            .. Scope.Parameters(filter), Instant(filter.Begin), Instant(filter.End), new NpgsqlParameter<bool> { TypedValue = counting == Counting.Messages },
            .. filter.Clock.Parameters,
        ],
        async (reader, cancellationToken) =>
        {
            var implausible = (await reader.ReadAllAsync(row => row.Get<long>("n"), cancellationToken)).Single();
            var periods = period switch
            {
                Period.Hour => HoursOf(await ReadAsync<DateTime>(reader, cancellationToken), filter),
                Period.HourOfDay =>
                    Fill(24, await ReadAsync<int>(reader, cancellationToken), hour => hour.ToString("00", CultureInfo.InvariantCulture), hour => hour),
                Period.Weekday => Fill(7, await ReadAsync<int>(reader, cancellationToken), day => Weekdays[day], day => day + 1),
                _ => CalendarOf(period, await ReadAsync<DateOnly>(reader, cancellationToken), filter),
            };
            return new StartSeries(period, filter.Zone, counting, periods.Sum(start => start.Count), implausible, periods);
        });

    // The coarsest rollup that can tell the zone's hours apart: of a zone such as Asia/Kolkata only quarters can.
    private static string SourceOf(Filter filter) => filter.Clock.HasWholeHours && !filter.NeedsRows(FilterParts.Dates) ? Hours : Quarters;

    private static NpgsqlParameter<DateTime?> Instant(DateTime? utc) => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = utc };

    // $3 and $4 are when the first day begins and the last one ends, $5 whether messages count, $6 and $7 the clock.
    private static string CountsSql(string period, string source) => $"""
        select {PeriodSql(period)} period, sum(case when $5 then messages else attempts end)::bigint n
        from {source}
          and ($3::timestamptz is null or (day >= ($3 at time zone 'UTC')::date and quarter >= $3))
          and ($4::timestamptz is null or (day <= ($4 at time zone 'UTC')::date and quarter < $4))
        group by 1
        having sum(case when $5 then messages else attempts end) > 0
        """;

    // An hour is told by its begin, which is the clock's change where that falls into it: so an hour that is passed twice is two.
    private static string PeriodSql(string period) => period switch
    {
        Period.Hour =>
            $"greatest(quarter - ({Local} - date_trunc('hour', {Local})), (${ClockParameter}::timestamptz[])[{Clock.ChangesUpTo("quarter", ClockParameter)}])",
        Period.HourOfDay => $"extract(hour from {Local})::int",
        Period.Weekday => $"extract(isodow from {Local})::int",
        _ => $"date_trunc('{period}', {Local})::date",
    };

    private static async Task<Dictionary<T, long>> ReadAsync<T>(NpgsqlDataReader reader, CancellationToken cancellationToken) where T : notnull =>
        (await reader.ReadAllAsync(row => (Period: row.Get<T>("period"), Count: row.Get<long>("n")), cancellationToken)).ToDictionary(
            row => row.Period, row => row.Count);

    private static List<StartCount> Fill(int periods, Dictionary<int, long> counts, Func<int, string> label, Func<int, int> key) =>
        [.. Enumerable.Range(0, periods).Select(period => new StartCount(label(period), null, counts.GetValueOrDefault(key(period))))];

    private static List<StartCount> HoursOf(Dictionary<DateTime, long> counts, Filter filter)
    {
        if (counts.Count == 0 && (filter.From is null || filter.To is null))
        {
            return [];
        }

        var first = filter.Begin ?? counts.Keys.Min();
        var end = filter.End ?? counts.Keys.Max().AddTicks(1);
        return
        [
            .. filter.Clock.HoursFrom(first).TakeWhile(hour => hour.Start < end).Take(MaxPeriods + 1).Select(hour => new StartCount(
                hour.Local.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture), new DateTimeOffset(hour.Start), counts.GetValueOrDefault(hour.Start))),
        ];
    }

    private static List<StartCount> CalendarOf(string period, Dictionary<DateOnly, long> counts, Filter filter)
    {
        if (counts.Count == 0 && (filter.From is null || filter.To is null))
        {
            return [];
        }

        var periods = new List<StartCount>();
        var (day, last) = (Beginning(period, filter.From ?? counts.Keys.Min()), filter.To ?? counts.Keys.Max());
        for (; day <= last && periods.Count <= MaxPeriods; day = Next(period, day))
        {
            periods.Add(new StartCount(Label(period, day), new DateTimeOffset(filter.Clock.StartOf(day)), counts.GetValueOrDefault(day)));
        }

        return periods;
    }

    private static DateOnly Beginning(string period, DateOnly day) => period switch
    {
        Period.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        Period.Month => new DateOnly(day.Year, day.Month, 1),
        _ => day,
    };

    private static DateOnly Next(string period, DateOnly day) => period switch
    {
        Period.Week => day.AddDays(7),
        Period.Month => day.AddMonths(1),
        _ => day.AddDays(1),
    };

    private static string Label(string period, DateOnly day) => period switch
    {
        Period.Week =>
            string.Create(CultureInfo.InvariantCulture,
            $"{ISOWeek.GetYear(day.ToDateTime(default)):0000}-W{ISOWeek.GetWeekOfYear(day.ToDateTime(default)):00}"),
        Period.Month => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };
}
