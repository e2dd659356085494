using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;

namespace Analytics.Api.Attempts;

/// <summary>When the attempts of a scope start: by period, gaps filled with zero.</summary>
internal static class StartQuery
{
    /// <summary>An answer with more is cut after one further period.</summary>
    // Ten years have 87,660 hours.
    public const int MaxPeriods = 100_000;

    private const string Quarters = $"exam_starts where exam_id in {Scope.Exams}";
    private const string Hours = $"(select exam_id, hour quarter, messages, attempts from start_hours) hours where exam_id in {Scope.Exams}";
    private const string AllHours = "(select exam_id, hour quarter, messages, attempts from start_hours) hours where exam_id = 0 and $1::text is null and $2::text is null";

    // Gaps are filled on the zone's own calendar, from the first to the last day asked for or else seen, one period further than is answered at most.
    // An hour that a clock passes twice is two periods: hours are told apart as instants, longer periods by their local date.
    private static string HoursSql(string source) => $"""
        with starts as ({Starts(source)}),
        counts as (select date_trunc('hour', quarter, $3) start, sum(n) n from starts where n > 0 group by 1),
        bounds as (
          select coalesce($4::date::timestamp at time zone $3, min(start)) first,
            coalesce(($5::date + 1)::timestamp at time zone $3 - interval '15 minutes', max(start)) last
          from counts)
        select to_char(start at time zone $3, 'YYYY-MM-DD"T"HH24:MI') label, start, coalesce(n, 0)::bigint n
        from bounds
          cross join lateral (
            select distinct date_trunc('hour', quarter, $3) start
            from generate_series(first, least(last, first + interval '{MaxPeriods} hours'), '15 minutes') quarter) periods
          left join counts using (start)
        order by start
        """;

    private static string HourOfDaySql(string source) => $"""
        with starts as ({Starts(source)}),
        counts as (select extract(hour from quarter at time zone $3)::int period, sum(n) n from starts group by 1)
        select to_char(period, 'FM00') label, null::timestamptz start, coalesce(n, 0)::bigint n
        from generate_series(0, 23) period left join counts using (period)
        order by period
        """;

    private static string WeekdaySql(string source) => $"""
        with starts as ({Starts(source)}),
        counts as (select extract(isodow from quarter at time zone $3)::int period, sum(n) n from starts group by 1)
        select (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[period] label, null::timestamptz start, coalesce(n, 0)::bigint n
        from generate_series(1, 7) period left join counts using (period)
        order by period
        """;

    /// <param name="period">One of <see cref="Period"/>.</param>
    /// <param name="course">The course's slug, null for all.</param>
    /// <param name="exam">The base_exam_id, null for all.</param>
    /// <param name="counting">Messages or attempts.</param>
    /// <param name="dates">The clock and the days.</param>
    public static Query<StartSeries> Of(string period, string? course, string? exam, string counting, Dates dates) => new(
        [SqlOf(period, SourceOf(course, exam, dates))],
        [.. Scope.Parameters(course, exam), .. Dates.Parameters(dates), new NpgsqlParameter<bool> { TypedValue = counting == Counting.Messages }],
        async (reader, cancellationToken) =>
        {
            var periods = await reader.ReadAllAsync(row => new StartCount(row.Get<string>("label"), row.Get<DateTimeOffset?>("start"), row.Get<long>("n")), cancellationToken);
            return new StartSeries(period, dates.Zone, counting, periods.Sum(start => start.Count), periods);
        });

    // The coarsest rollup that can tell the zone's hours apart: of a zone such as Asia/Kolkata only quarters can.
    private static string SourceOf(string? course, string? exam, Dates dates) =>
        !dates.HasWholeHours ? Quarters : course is null && exam is null ? AllHours : Hours;

    private static string SqlOf(string period, string source) => period switch
    {
        Period.Hour => HoursSql(source),
        Period.Day => CalendarSql("day", "YYYY-MM-DD", source),
        Period.Week => CalendarSql("week", "IYYY\"-W\"IW", source),
        Period.Month => CalendarSql("month", "YYYY-MM", source),
        Period.HourOfDay => HourOfDaySql(source),
        _ => WeekdaySql(source),
    };

    // $3 is the zone, $4 and $5 the first and last day in it, $6 whether messages count.
    private static string Starts(string source) => $"""
        select quarter, case when $6 then messages else attempts end n
        from {source}
          and ($4::date is null or quarter >= $4::date::timestamp at time zone $3)
          and ($5::date is null or quarter < ($5::date + 1)::timestamp at time zone $3)
        """;

    private static string CalendarSql(string unit, string label, string source) => $"""
        with starts as ({Starts(source)}),
        counts as (select date_trunc('{unit}', quarter at time zone $3) date, sum(n) n from starts where n > 0 group by 1),
        bounds as (
          select coalesce(date_trunc('{unit}', $4::date::timestamp), min(date)) first, coalesce($5::date::timestamp, max(date)) last from counts)
        select to_char(date, '{label}') label, date at time zone $3 start, coalesce(n, 0)::bigint n
        from bounds
          cross join lateral generate_series(first, least(last, first + interval '{MaxPeriods} {unit}'), '1 {unit}') date
          left join counts using (date)
        order by date
        """;
}
