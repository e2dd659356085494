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
            .WithDescription("Mean, standard deviation, quartiles, pass rate and histogram of the scores of everything, one course, or one exam. All exact: they come from the counts that events state.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(Example, AnalyticsJson.Default.ScoreDistribution)
            .InShapes((ScoreDistribution scores) => scores.Histogram, AnalyticsJson.Default.ScoreBin);

    private static async Task<Results<Ok<ScoreDistribution>, ProblemHttpResult>> GetScoresAsync(
        [FromQuery, MaxLength(Scope.LongestName), Description("Only this course, by its slug.")] string? course,
        [FromQuery, MaxLength(Scope.LongestName), Description("Only this exam, by its base_exam_id.")] string? exam,
        [FromQuery, AllowedValues(null, Counting.Messages, Counting.Attempts, ErrorMessage = Counting.Complaint), DefaultValue(Counting.Attempts)]
        [Description("Whether each message counts, as the published reports count, or each attempt once.")] string? count,
        [FromQuery, Range(1, 100), DefaultValue(10), Description("How many bins the histogram has.")] int? bins,
        [FromQuery, Range(0.0, 100.0), DefaultValue(PassMark.Default), Description(PassMark.Description)] double? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var scope = Scope.Check(course, exam);
        var scores = ScoreQuery.Of(course, exam, count ?? Counting.Attempts, bins ?? 10, PassMark.Of(passMark));
        await using var reader = await database.QueryAsync(context, [scope, scores], cancellationToken);
        return await scope.ReadAsync(reader, cancellationToken) is { } complaint
            ? TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Ok(await scores.ReadAsync(reader, cancellationToken));
    }
}
