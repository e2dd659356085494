using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Scores;

/// <summary>The distribution of scores.</summary>
internal static class ScoreEndpoints
{
    private static readonly ScoreDistribution Example = new(
        Counting.Messages, 3275, 5, 0, 62.65700951, 31.08670041, 0, 50, 66.66666667, 85.71428571, 100, 50.3963415,
        [new(0, 50, 894), new(50, 100, 2381)]);

    public static void MapScores(this IEndpointRouteBuilder api) =>
        api.MapGet("/scores", GetScoresAsync)
            .WithName("GetScores")
            .WithTags("Scores")
            .WithSummary("Distribution of scores")
            .WithDescription("Mean, standard deviation, quartiles, pass rate and histogram of the scores of everything or of what the filter leaves. All "
                + "exact: they come from the counts that events state.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter()
            .WithExample(Example, AnalyticsJson.Default.ScoreDistribution)
            .InShapes((ScoreDistribution scores) => scores.Histogram, AnalyticsJson.Default.ScoreBin);

    private static async Task<Results<Ok<ScoreDistribution>, ProblemHttpResult>> GetScoresAsync(
        Filter filter,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        [FromQuery, Range(1, 100), DefaultValue(10), Description("How many bins the histogram has.")] int? bins,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        await database.AnswerAsync(context, filter, ScoreQuery.Of(filter, count ?? Counting.Attempts, bins ?? 10), cancellationToken);
}
