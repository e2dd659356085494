using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>Rasch calibration: how difficult each question is, whoever took it, and what each total is worth.</summary>
internal static class CalibrationEndpoints
{
    private static readonly ExamVersion ExampleVersion = new(
        "e33f7960bc9078aefff774b8e34f1132", 5, 390, new(2018, 1, 1, 6, 12, 40, TimeSpan.Zero), new(2018, 9, 30, 19, 3, 5, TimeSpan.Zero));

    private static readonly CourseCalibration Example = new(
        "Learning Git", "learning-git",
        [new ExamCalibration("3cc5c507-84e9-4584-a3a3-64d0e4091ae4", ExampleVersion.Version, 390, 277, -452.102017, 0.012657, [ExampleVersion],
            HasMoreVersions: false,
            [new QuestionCalibration("3cc5c507-84e9-4584-a3a3-64d0e4091ae4", "d632790d-911f-4621-8f85-399eb36a92d9", 390, 194, 1.075313, 0.113696, 0.945731,
                -1.012964, 0.840453, -1.781820,
                "follows the model", "infit and outfit from 0.5 to 1.5")],
            [new TotalAbility(4, 102, 1.565975, 1.166047, IsExtrapolated: false)])]);

    public static void MapCalibrations(this IEndpointRouteBuilder api) =>
        api.MapGet("/courses/{slug}/questions/rasch", GetCalibrationAsync)
            .WithName("GetRaschCalibration")
            .WithTags("Questions")
            .WithSummary("Rasch calibration")
            .WithDescription("Each question's difficulty by the Rasch model (conditional maximum likelihood) with standard error, infit and outfit, and the "
                + "ability that each total stands for. An exam is calibrated by one version (set of questions): the one asked for, else the one that most "
                + "attempts had. Computed when asked and kept until the exam's answers change. What can't be computed is null with a reason.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.Course, "the address names the course"), (FilterWords.PassMark, "nothing here passes or fails"))
            .WithExample(Example, AnalyticsJson.Default.CourseCalibration)
            .InShapes((CourseCalibration course) => course.Exams.SelectMany(exam => exam.Questions), AnalyticsJson.Default.QuestionCalibration);

    private static async Task<Results<Ok<CourseCalibration>, ProblemHttpResult>> GetCalibrationAsync(
        [FromRoute, MaxLength(Filter.LongestName), Description("The course's slug, as /api/courses gives it.")] string slug,
        Filter filter, HttpContext context, ActivityDatabase database, Calibrations calibrations, CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        var ((course, exams), unknown) = await database.FindAsync(context, filter, SumsOf(filter), cancellationToken);
        if (unknown is not null)
        {
            return FilteredAnswers.NotFound(unknown);
        }

        // The connection is given back by now: a calibration may take a while.
        var calibrated = await Task.WhenAll(exams.Select(async exam => Describe(exam, await calibrations.CalibrateAsync(exam.Table, cancellationToken))));
        return TypedResults.Ok(new CourseCalibration(course, slug, calibrated));
    }

    /// <summary>What a calibration of the course that the filter names rests on.</summary>
    public static Query<(string Course, List<ExamSums> Exams)> SumsOf(Filter filter) => (filter with { Version = null }).Query(
        FilterParts.Course | FilterParts.Exam, ExamSums.Queries, ExamSums.Parameters(filter), (reader, cancel) =>
            ExamSums.ReadAsync(reader, filter.Version, cancel));

    /// <summary>An exam's calibration with verdicts and reasons.</summary>
    public static ExamCalibration Describe(ExamSums exam, RaschCalibration calibration) => new(
        exam.BaseExamId, exam.Version?.Version, exam.Table.Takers.Sum(), calibration.Takers, calibration.LogLikelihood, calibration.SeparationReliability,
        exam.Versions, exam.HasMoreVersions,
        [
            .. exam.Items.Zip(exam.Table.Items, calibration.Items)
                .Select(item => Describe(exam.BaseExamId, item.First, item.Second, item.Third, calibration.Takers))
                .OrderByDescending(question => question.Difficulty ?? double.NegativeInfinity)
                .ThenBy(question => question.QuestionId, StringComparer.Ordinal),
        ],
        [.. calibration.Measures.Select(Describe)],
        exam.Table.Length == 0 ? "No event of this exam has questions."
        : calibration.Reason ?? (calibration.SeparationReliability is null ? "All informative attempts have the same total." : null));

    private static QuestionCalibration Describe(string baseExamId, ItemSums sums, ItemScores scores, RaschItem item, long informative)
    {
        var (verdict, rule) = FitVerdict.Of(informative, item.Fit);
        return new QuestionCalibration(
            baseExamId, sums.QuestionId, scores.Takers.Sum(), scores.Correct.Sum(), item.Difficulty, item.StandardError,
            item.Fit?.Infit, item.Fit?.InfitT, item.Fit?.Outfit, item.Fit?.OutfitT, verdict, rule,
            item.Reason ?? (item.Fit is { Infit: not null, InfitT: not null, Outfit: not null, OutfitT: not null } ? null
                : "The model has each of these answers even or all but certain, so misfit can't be told from chance."))
        { Text = sums.Text, Topic = sums.Topic };
    }

    private static TotalAbility Describe(RaschMeasure measure) => new(
        measure.Total, measure.Takers, measure.Ability, measure.StandardError, measure.IsExtrapolated,
        measure.Ability is null ? "None and all correct have no finite estimate, and too few other totals occur to extrapolate from."
        : measure.IsExtrapolated ? "An extrapolated ability has no standard error."
        : null);
}
