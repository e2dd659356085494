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
            .WithDescription("Starts by hour, day, week (ISO 8601), month, hour of day or weekday, on the clock of any time zone. Periods without a start "
                + "answer 0.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(Example, AnalyticsJson.Default.StartSeries)
            .InShapes((StartSeries series) => series.Periods, AnalyticsJson.Default.StartCount);

    private static async Task<Results<Ok<StartSeries>, ProblemHttpResult>> GetStartsAsync(
        [FromRoute, AllowedValues(Period.Hour, Period.Day, Period.Week, Period.Month, Period.HourOfDay, Period.Weekday, ErrorMessage = Period.Complaint)]
        [Description("By what to group.")] string period,
        Filter filter,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var answer = await database.AnswerAsync(context, filter, StartQuery.Of(period, filter, count ?? Counting.Attempts), cancellationToken);
        return answer.Result is Ok<StartSeries> { Value.Periods.Count: > StartQuery.MaxPeriods }
            ? TypedResults.Problem($"That is more than {StartQuery.MaxPeriods} periods; give from and to nearer to each other.",
                statusCode: StatusCodes.Status400BadRequest)
            : answer;
    }
}
