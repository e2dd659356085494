using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Analytics.Api.Attempts;

/// <summary>When attempts start.</summary>
internal static class StartEndpoints
{
    // Ten years have 87,660 hours.
    private const int MaxPeriods = 100_000;

    // $3 is the zone, $4 and $5 the first and last day in it, $6 whether messages count.
    private const string Starts = $"""
        select quarter, case when $6 then messages else attempts end n
        from exam_starts
        where exam_id in {Scope.Exams}
          and ($4::date is null or quarter >= $4::date::timestamp at time zone $3)
          and ($5::date is null or quarter < ($5::date + 1)::timestamp at time zone $3)
        """;

    // Gaps are filled on the zone's own calendar, from the first to the last day asked for or else seen, one period further than is answered at most.
    // An hour that a clock passes twice is two periods: hours are told apart as instants, longer periods by their local date.
    private static readonly string HoursSql = $"""
        with starts as ({Starts}),
        counts as (select date_trunc('hour', quarter, $3) start, sum(n) n from starts where n > 0 group by 1),
        bounds as (
          select coalesce($4::date::timestamp at time zone $3, min(start)) first,
            coalesce(($5::date + 1)::timestamp at time zone $3 - interval '15 minutes', max(start)) last
          from counts)
        select to_char(start at time zone $3, 'YYYY-MM-DD"T"HH24:MI'), start, coalesce(n, 0)::bigint
        from bounds
          cross join lateral (
            select distinct date_trunc('hour', quarter, $3) start
            from generate_series(first, least(last, first + interval '{MaxPeriods} hours'), '15 minutes') quarter) periods
          left join counts using (start)
        order by start
        """;

    private const string HourOfDaySql = $"""
        with starts as ({Starts}),
        counts as (select extract(hour from quarter at time zone $3)::int period, sum(n) n from starts group by 1)
        select to_char(period, 'FM00'), null::timestamptz, coalesce(n, 0)::bigint
        from generate_series(0, 23) period left join counts using (period)
        order by period
        """;

    private const string WeekdaySql = $"""
        with starts as ({Starts}),
        counts as (select extract(isodow from quarter at time zone $3)::int period, sum(n) n from starts group by 1)
        select (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[period], null::timestamptz, coalesce(n, 0)::bigint
        from generate_series(1, 7) period left join counts using (period)
        order by period
        """;

    private static readonly string DaysSql = CalendarSql("day", "YYYY-MM-DD");
    private static readonly string WeeksSql = CalendarSql("week", "IYYY\"-W\"IW");
    private static readonly string MonthsSql = CalendarSql("month", "YYYY-MM");

    private static readonly StartSeries Example = new(
        Period.HourOfDay, "UTC", Counting.Messages, 3280, [new("13", null, 203), new("14", null, 224), new("15", null, 197)]);

    public static void MapStarts(this IEndpointRouteBuilder attempts) =>
        attempts.MapGet("/by/{period}", GetStartsAsync)
            .WithName("GetAttemptsBy")
            .WithTags("Attempts")
            .WithSummary("When attempts start")
            .WithDescription("Starts by hour, day, week (ISO 8601), month, hour of day or weekday, on the clock of any time zone. Periods without a start answer 0.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(Example, AnalyticsJson.Default.StartSeries)
            .InShapes((StartSeries series) => series.Periods, AnalyticsJson.Default.StartCount);

    private static async Task<Results<Ok<StartSeries>, ProblemHttpResult>> GetStartsAsync(
        [FromRoute, AllowedValues(Period.Hour, Period.Day, Period.Week, Period.Month, Period.HourOfDay, Period.Weekday, ErrorMessage = Period.Complaint)]
        [Description("By what to group.")] string period,
        [FromQuery, RegularExpression("^[A-Za-z0-9_+/-]+$"), MaxLength(64), DefaultValue("UTC"), Description("An IANA time zone, as Europe/Berlin.")] string? tz,
        [FromQuery, MaxLength(200), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(200), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, Description("The first day, in the time zone; from 1970-01-01 on.")] DateOnly? from,
        [FromQuery, Description("The last day, in the time zone; up to 2999-12-31.")] DateOnly? to,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var zone = tz ?? "UTC";
        if (Days.Complaint(zone, from, to) is { } wrong)
        {
            return TypedResults.Problem(wrong, statusCode: StatusCodes.Status400BadRequest);
        }

        var counting = count ?? Counting.Attempts;
        await using var reader = await database.QueryAsync(
            context, [Scope.ExistsSql, SqlOf(period)],
            [
                .. Scope.Parameters(course, exam),
                new NpgsqlParameter<string> { TypedValue = zone },
                new NpgsqlParameter<DateOnly?> { TypedValue = from },
                new NpgsqlParameter<DateOnly?> { TypedValue = to },
                new NpgsqlParameter<bool> { TypedValue = counting == Counting.Messages },
            ],
            cancellationToken);
        if (await Scope.ComplaintAsync(reader, course, exam, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        var periods = new List<StartCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            periods.Add(new StartCount(reader.GetString(0), reader.TimeOrNull(1), reader.GetInt64(2)));
        }

        return periods.Count > MaxPeriods
            ? TypedResults.Problem($"That is more than {MaxPeriods} periods; give from and to nearer to each other.", statusCode: StatusCodes.Status400BadRequest)
            : TypedResults.Ok(new StartSeries(period, zone, counting, periods.Sum(start => start.Count), periods));
    }

    private static string SqlOf(string period) => period switch
    {
        Period.Hour => HoursSql,
        Period.Day => DaysSql,
        Period.Week => WeeksSql,
        Period.Month => MonthsSql,
        Period.HourOfDay => HourOfDaySql,
        _ => WeekdaySql,
    };

    private static string CalendarSql(string unit, string label) => $"""
        with starts as ({Starts}),
        counts as (select date_trunc('{unit}', quarter at time zone $3) date, sum(n) n from starts where n > 0 group by 1),
        bounds as (
          select coalesce(date_trunc('{unit}', $4::date::timestamp), min(date)) first, coalesce($5::date::timestamp, max(date)) last from counts)
        select to_char(date, '{label}'), date at time zone $3, coalesce(n, 0)::bigint
        from bounds
          cross join lateral generate_series(first, least(last, first + interval '{MaxPeriods} {unit}'), '1 {unit}') date
          left join counts using (date)
        order by date
        """;
}
