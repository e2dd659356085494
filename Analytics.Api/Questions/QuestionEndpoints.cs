using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Questions;

/// <summary>Item analysis: which questions fail everybody, which tell the strong from the weak.</summary>
internal static class QuestionEndpoints
{
    private static readonly CourseAnalysis Example = new(
        "Learning Git", "learning-git",
        [new ExamAnalysis("c4d5bcd2-d6e9-451a-8cc5-50784e95844f", "e33f7960bc9078aefff774b8e34f1132", 390, 5, 390, 67.58974, 30.11, -0.61, -0.72, 0.71, 16.21,
            53.85, [26, 34, 52, 78, 98, 102],
            [new ExamVersion("e33f7960bc9078aefff774b8e34f1132", 5, 390, new(2018, 1, 1, 6, 12, 40, TimeSpan.Zero), new(2018, 9, 30, 19, 3, 5, TimeSpan.Zero))],
            HasMoreVersions: false,
            [new QuestionAnalysis("c4d5bcd2-d6e9-451a-8cc5-50784e95844f", "7a2ed6d3-f492-49b3-b8aa-d080a8aad986", 390, 214, 120, 40, 16, 54.87, 49.83, 0.62,
                0.61, 0.44, 58.3, 20, 21.4, 0.66,
                "sound", "no rule objects", [new OptionAnalysis("49c574b4-5c82-4ffd-9bd1-c3358faf850d", true, 390, 251)])])]);

    public static void MapQuestions(this IEndpointRouteBuilder api) =>
        api.MapGet("/courses/{slug}/questions", GetQuestionsAsync)
            .WithName("GetQuestions")
            .WithTags("Questions")
            .WithSummary("Item analysis")
            .WithDescription("Each question of a course's exams by classical test theory and as Moodle's quiz statistics give it, with a plain verdict, and "
                + "each exam's reliability. What relates a question to the total is about one version (set of questions) of its exam: the one asked for, "
                + "else the one that most attempts had. What can't be computed is null with a reason.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.Course, "the address names the course"), (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(Example, AnalyticsJson.Default.CourseAnalysis)
            .InShapes((CourseAnalysis course) => course.Exams.SelectMany(exam => exam.Questions), AnalyticsJson.Default.QuestionAnalysis);

    private static Task<Results<Ok<CourseAnalysis>, ProblemHttpResult>> GetQuestionsAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        return database.AnswerAsync(context, filter, QuestionQuery.Of(filter), cancellationToken);
    }
}
