using Analytics.Api.Database;
using Analytics.Api.Figures;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;

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
            .WithDescription("Messages, redeliveries, attempts, students, courses, exams, certifications, mean scores, completion and repeat takers of "
                + "everything that was ingested or of what the filter leaves, and what was put aside as no event, by reason, whatever the filter. An empty "
                + "database answers zeros.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter()
            .WithExample(Example, AnalyticsJson.Default.Summary)
            .InShapes((Summary summary) => [summary], AnalyticsJson.Default.Summary);

    private static Task<Results<Ok<Summary>, ProblemHttpResult>> GetSummaryAsync(
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        database.AnswerAsync(context, filter, SummaryQuery.Of(filter), cancellationToken);
}
