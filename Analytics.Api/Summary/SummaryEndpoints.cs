using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Summary;

/// <summary>The headline figures.</summary>
internal static class SummaryEndpoints
{
    private static readonly Summary Example =
        new(new AttemptFigures(3280, 38, 3242, 0, 62.65700951, 62.65700951, 49.96915484, 4.491813407, 65.739882607, 0.309545876, 0.214704974, 0, 0))
        {
            Students = 3242,
            Courses = 103,
            Exams = 107,
            FirstStart = new(2017, 11, 21, 0, 3, 7, TimeSpan.Zero),
            LastStart = new(2018, 1, 28, 11, 58, 12, TimeSpan.Zero),
            RepeatTakers = null,
            AlteredRedeliveries = 0,
            DeadLetters = 2,
            DeadLetterReasons = [new("The event is not a JSON object.", 2)],
        };

    public static void MapSummary(this IEndpointRouteBuilder api) =>
        api.MapGet("/summary", GetSummaryAsync)
            .WithName("GetSummary")
            .WithTags("Summary")
            .WithSummary("Headline figures")
            .WithDescription("Messages, redeliveries, attempts, students, courses, exams, certifications, mean scores, completion and repeat takers of everything that was ingested, and what was put aside as no event, by reason. An empty database answers zeros.")
            .WithExample(Example, AnalyticsJson.Default.Summary)
            .InShapes((Summary summary) => [summary], AnalyticsJson.Default.Summary);

    private static async Task<Ok<Summary>> GetSummaryAsync(
        [FromQuery, Range(0.0, 100.0), DefaultValue(PassMark.Default), Description(PassMark.Description)] double? passMark,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Ok(await database.AnswerAsync(context, SummaryQuery.Of(PassMark.Of(passMark)), cancellationToken));
}
