using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Questions;

/// <summary>One question: who falls for which option, and whether it drifts.</summary>
internal static class QuestionDetailEndpoints
{
    private const string NoExam = "The parameter exam is needed: a question is one of an exam, by its base_exam_id.";

    private static readonly (string, string)[] Untaken =
        [(FilterWords.Course, "the address names the course"), (FilterWords.PassMark, "nothing here passes or fails")];

    private static readonly GroupOption ExampleOption = new(80, 100, "49c574b4-5c82-4ffd-9bd1-c3358faf850d", true, 200, 171);

    public static void MapQuestionDetail(this IEndpointRouteBuilder api)
    {
        var questions = api.MapGroup("/courses/{slug}/questions").WithTags("Questions");
        questions.MapGet("/options", GetOptionsAsync)
            .WithName("GetQuestionOptions")
            .WithSummary("A question's options by score group")
            .WithDescription("How often each option of a question was chosen by takers of different scores: a distractor that draws the best is a fault. "
                + "Made of the attempts' rows.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter(Untaken)
            .WithExample(
                new QuestionOptions(
                    "learning-git", "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", "7a2ed6d3", [new ScoreGroup(80, 100, 200, 171, 2, [ExampleOption])]),
                AnalyticsJson.Default.QuestionOptions)
            .InShapes((QuestionOptions question) => question.Groups.SelectMany(group => group.Options), AnalyticsJson.Default.GroupOption);
        questions.MapGet("/months", GetMonthsAsync)
            .WithName("GetQuestionMonths")
            .WithSummary("A question from month to month")
            .WithDescription("A question's facility in each month with its confidence interval, beside what the same takers solved of their other "
                + "questions: a question whose facility moves alone has drifted, or has leaked. Made of the attempts' rows.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter(Untaken)
            .WithExample(
                new QuestionMonths("learning-git", "1f8c0ab6-8ae6-11e6-8d7b-a8667f27e5dc", "7a2ed6d3", "UTC",
                    [new QuestionMonth("2018-01", 178, 101, 4, 56.74, 49.38, 63.8, 69.9)]),
                AnalyticsJson.Default.QuestionMonths)
            .InShapes((QuestionMonths question) => question.Months, AnalyticsJson.Default.QuestionMonth);
    }

    private static async Task<Results<Ok<QuestionOptions>, ProblemHttpResult>> GetOptionsAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, Required, MaxLength(Filter.LongestName), Description("The question's id.")] string question,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        if (filter.Exam is null)
        {
            return TypedResults.Problem(NoExam, statusCode: StatusCodes.Status400BadRequest);
        }

        var (options, unknown) = await database.FindAsync(context, filter, QuestionDetailQuery.Options(filter, question), cancellationToken);
        return options is null ? FilteredAnswers.NotFound(unknown ?? Unshown(question, filter)) : TypedResults.Ok(options);
    }

    private static async Task<Results<Ok<QuestionMonths>, ProblemHttpResult>> GetMonthsAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, Required, MaxLength(Filter.LongestName), Description("The question's id.")] string question,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        if (filter.Exam is null)
        {
            return TypedResults.Problem(NoExam, statusCode: StatusCodes.Status400BadRequest);
        }

        var (months, unknown) = await database.FindAsync(context, filter, QuestionDetailQuery.Months(filter, question), cancellationToken);
        return months is null || months.Months.Count == 0 ? FilteredAnswers.NotFound(unknown ?? Unshown(question, filter)) : TypedResults.Ok(months);
    }

    public static string Unshown(string question, Filter filter) =>
        $"No attempt at exam \"{filter.Exam}\" that the filter leaves was shown a question \"{question}\"; /api/courses/{filter.Course}/questions lists them.";
}
