using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Questions;

/// <summary>Questions by the topics that the catalogue names.</summary>
internal static class TopicEndpoints
{
    private static readonly CourseTopics Example = new(
        "Learning Git", "learning-git", [new TopicFigures("Staging", 12, 4_680, 2_574, 55, 53.57, 56.42, 0.41)]);

    public static void MapTopics(this IEndpointRouteBuilder api) =>
        api.MapGet("/courses/{slug}/topics", GetTopicsAsync)
            .WithName("GetTopics")
            .WithTags("Questions")
            .WithSummary("Questions by topic")
            .WithDescription("How the questions of a course do by the topics of the catalogue, over all of its exams: made of the item analysis that "
                + "`/api/courses/{slug}/questions` gives.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.Course, "the address names the course"), (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(Example, AnalyticsJson.Default.CourseTopics)
            .InShapes((CourseTopics course) => course.Topics, AnalyticsJson.Default.TopicFigures);

    private static async Task<Results<Ok<CourseTopics>, ProblemHttpResult>> GetTopicsAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        var (course, unknown) = await database.FindAsync(context, filter, QuestionQuery.Of(filter), cancellationToken);
        return course is null ? FilteredAnswers.NotFound(unknown!) : TypedResults.Ok(new CourseTopics(course.Name, slug, CourseTopics.Of(course.Exams)));
    }
}
