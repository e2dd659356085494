using System.ComponentModel.DataAnnotations;
using Analytics.Api.Access;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Analytics.Api.Questions;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Workbench;

/// <summary>The pages of an exam's questions and of one of them.</summary>
internal static class QuestionsEndpoints
{
    private static readonly (string, string) NoPassMark = (FilterWords.PassMark, "nothing here passes or fails");

    public static void MapQuestionPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/questions", GetQuestionsAsync).RequireScope(Scopes.Read).TakesFilter(NoPassMark);
        pages.MapGet("/questions/item", GetQuestionAsync).RequireScope(Scopes.Read).TakesFilter(NoPassMark);
    }

    private static async Task<IResult> GetQuestionsAsync(
        Filter filter, HttpContext context, ActivityDatabase database, Calibrations calibrations, CancellationToken cancellationToken)
    {
        var courses = CourseQuery.All(Filter.Everything);
        if (filter.Course is null)
        {
            var all = await database.AnswerAsync(context, courses, cancellationToken);
            return PageLayout.Answer(
                context, QuestionsPage.RenderChoice(filter, [.. CourseOrder.Sort(all.Where(course => course.Attempts > 0), CourseOrder.Default)]));
        }

        var (known, questions, sums) = (Known.Check(filter), QuestionQuery.Of(filter), CalibrationEndpoints.SumsOf(filter));
        List<Course> listed;
        CourseAnalysis analysis;
        List<ExamSums> kept;
        await using (var reader = await database.QueryAsync(context, [known, courses, questions, sums], cancellationToken))
        {
            if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
            {
                return Problem.Of(StatusCodes.Status404NotFound, unknown);
            }

            listed = await courses.ReadAsync(reader, cancellationToken);
            analysis = await questions.ReadAsync(reader, cancellationToken);
            (_, kept) = await sums.ReadAsync(reader, cancellationToken);
        }

        var exams = analysis.Exams.OrderByDescending(exam => exam.Attempts).ToArray();
        var shown = exams.FirstOrDefault();
        var calibration = shown is null ? null : await CalibrateAsync(kept, shown, calibrations, cancellationToken);
        return PageLayout.Answer(context, QuestionsPage.Render(filter, [.. CourseOrder.Sort(listed, "name")], analysis.Name, exams, shown, calibration));
    }

    private static async Task<IResult> GetQuestionAsync(
        [FromQuery, Required, MaxLength(Filter.LongestName)] string question,
        Filter filter, HttpContext context, ActivityDatabase database, Calibrations calibrations, CancellationToken cancellationToken)
    {
        if (filter.Course is null || filter.Exam is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "The parameters course and exam are needed: a question is one of an exam.");
        }

        var (known, questions, sums) = (Known.Check(filter), QuestionQuery.Of(filter), CalibrationEndpoints.SumsOf(filter));
        var (options, months) = (QuestionDetailQuery.Options(filter, question), QuestionDetailQuery.Months(filter, question));
        CourseAnalysis analysis;
        List<ExamSums> kept;
        QuestionOptions? byScore;
        QuestionMonths byMonth;
        await using (var reader = await database.QueryAsync(context, [known, questions, sums, options, months], cancellationToken))
        {
            if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
            {
                return Problem.Of(StatusCodes.Status404NotFound, unknown);
            }

            analysis = await questions.ReadAsync(reader, cancellationToken);
            (_, kept) = await sums.ReadAsync(reader, cancellationToken);
            byScore = await options.ReadAsync(reader, cancellationToken);
            byMonth = await months.ReadAsync(reader, cancellationToken);
        }

        var exam = analysis.Exams.SingleOrDefault();
        if (byScore is null || exam?.Questions.FirstOrDefault(one => one.QuestionId == question) is not { } item)
        {
            return Problem.Of(StatusCodes.Status404NotFound, QuestionDetailEndpoints.Unshown(question, filter));
        }

        var calibration = await CalibrateAsync(kept, exam, calibrations, cancellationToken);
        var scores = kept.Single().Items.First(one => one.QuestionId == question).Scores;
        return PageLayout.Answer(context, QuestionPage.Render(new QuestionData(filter, analysis.Name, exam, item, calibration, scores, byScore, byMonth)));
    }

    private static async Task<ExamCalibration> CalibrateAsync(
        List<ExamSums> kept, ExamAnalysis exam, Calibrations calibrations, CancellationToken cancellationToken)
    {
        var sums = kept.First(one => one.BaseExamId == exam.BaseExamId);
        return CalibrationEndpoints.Describe(sums, await calibrations.CalibrateAsync(sums.Table, cancellationToken));
    }
}
