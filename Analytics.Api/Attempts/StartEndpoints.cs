using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Attempts;

/// <summary>When attempts start.</summary>
internal static class StartEndpoints
{
    private static readonly StartSeries Example = new(
        Period.HourOfDay, "UTC", Counting.Messages, 3280, 0, [new("13", null, 203), new("14", null, 224), new("15", null, 197)]);

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
        [FromQuery, RegularExpression(Dates.ZonePattern), MaxLength(64), DefaultValue(Dates.Utc), Description("An IANA time zone, as Europe/Berlin.")] string? tz,
        [FromQuery, MaxLength(Scope.LongestName), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(Scope.LongestName), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, Description("The first day, in the time zone; from 1970-01-01 on.")] DateOnly? from,
        [FromQuery, Description("The last day, in the time zone; up to 2999-12-31.")] DateOnly? to,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var dates = new Dates(tz ?? Dates.Utc, from, to);
        if (dates.Complaint is { } wrong)
        {
            return TypedResults.Problem(wrong, statusCode: StatusCodes.Status400BadRequest);
        }

        var scope = Scope.Check(course, exam);
        var starts = StartQuery.Of(period, course, exam, count ?? Counting.Attempts, dates);
        await using var reader = await database.QueryAsync(context, [scope, starts], cancellationToken);
        if (await scope.ReadAsync(reader, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        var series = await starts.ReadAsync(reader, cancellationToken);
        return series.Periods.Count > StartQuery.MaxPeriods
            ? TypedResults.Problem($"That is more than {StartQuery.MaxPeriods} periods; give from and to nearer to each other.", statusCode: StatusCodes.Status400BadRequest)
            : TypedResults.Ok(series);
    }
}
