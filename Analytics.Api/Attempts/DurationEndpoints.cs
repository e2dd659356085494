using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Attempts;

/// <summary>How long attempts take.</summary>
internal static class DurationEndpoints
{
    private static readonly Durations Example = new(
        Counting.Attempts, 3200, 12, 25, 5, 0, 3.87, 7.4311, 5.02, 0.1, 0.85, 1.98, 2.75, 4.2, 7.1, 10.4, 24.6, 312.4);

    public static void MapDurations(this IEndpointRouteBuilder attempts) =>
        attempts.MapGet("/durations", GetDurationsAsync)
            .WithName("GetDurations")
            .WithTags("Attempts")
            .WithSummary("How long attempts take")
            .WithDescription("Minutes from started_at to the latest time at which an option was touched: mean, median, percentiles. Those that end before "
                + "they start, or take 24 hours and more, are counted apart; `meanOfAll` has them in, as the published 7.4311 minutes have.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(Example, AnalyticsJson.Default.Durations)
            .InShapes((Durations durations) => [durations], AnalyticsJson.Default.Durations);

    private static async Task<Results<Ok<Durations>, ProblemHttpResult>> GetDurationsAsync(
        Filter filter,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await database.AnswerAsync(context, filter, DurationQuery.Of(filter, count ?? Counting.Attempts), cancellationToken);
}
