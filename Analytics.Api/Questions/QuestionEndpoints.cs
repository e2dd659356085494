using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Analytics.Api.Statistics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Questions;

/// <summary>Item analysis: which questions fail everybody, which tell the strong from the weak.</summary>
internal static class QuestionEndpoints
{
    private const string OptionsSql = $"""
        select item_id, option_id, is_correct, shown, chosen
        from item_option_choices join item_options using (item_option_id) join items using (item_id)
        where shown > 0 and exam_id in {Scope.Exams}
        order by is_correct desc, chosen desc, option_id
        """;

    private static readonly CourseAnalysis Example = new(
        "Learning Git", "learning-git",
        [new ExamAnalysis("c4d5bcd2-d6e9-451a-8cc5-50784e95844f", 390, 5, 390, 67.58974, 30.11, -0.61, -0.72, 0.71, 16.21, 53.85, [26, 34, 52, 78, 98, 102],
            [new QuestionAnalysis("c4d5bcd2-d6e9-451a-8cc5-50784e95844f", "7a2ed6d3-f492-49b3-b8aa-d080a8aad986", 390, 214, 120, 40, 16, 54.87, 49.83, 0.62, 0.61, 0.44, 58.3, 20, 21.4, 0.66,
                "sound", "no rule objects", [new OptionAnalysis("49c574b4-5c82-4ffd-9bd1-c3358faf850d", true, 390, 251)])])]);

    public static void MapQuestions(this IEndpointRouteBuilder api) =>
        api.MapGet("/courses/{slug}/questions", GetQuestionsAsync)
            .WithName("GetQuestions")
            .WithTags("Questions")
            .WithSummary("Item analysis")
            .WithDescription("Each question of a course's exams by classical test theory and as Moodle's quiz statistics give it, with a plain verdict, and each exam's reliability. What can't be computed is null with a reason.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithExample(Example, AnalyticsJson.Default.CourseAnalysis)
            .InShapes((CourseAnalysis course) => course.Exams.SelectMany(exam => exam.Questions), AnalyticsJson.Default.QuestionAnalysis);

    private static async Task<Results<Ok<CourseAnalysis>, ProblemHttpResult>> GetQuestionsAsync(
        [FromRoute, MaxLength(200), Description("The course's slug, as /api/courses gives it.")] string slug,
        [FromQuery, MaxLength(200), Description("Only this exam, by its base_exam_id.")] string? exam,
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        await using var reader = await database.QueryAsync(
            context, [Scope.ExistsSql, .. ExamSums.Queries, OptionsSql], Scope.Parameters(slug, exam), cancellationToken);
        if (await Scope.ComplaintAsync(reader, slug, exam, cancellationToken) is { } complaint)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status404NotFound);
        }

        var exams = await ExamSums.ReadAsync(reader, cancellationToken);
        var options = new List<(int ItemId, OptionAnalysis Option)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            options.Add((reader.GetInt32(0), new OptionAnalysis(reader.GetString(1), reader.GetBoolean(2), reader.GetInt64(3), reader.GetInt64(4))));
        }

        var optionsOf = options.ToLookup(option => option.ItemId, option => option.Option);
        return TypedResults.Ok(new CourseAnalysis(exams[0].Course, slug, [.. exams.Select(sums => Analyse(sums, optionsOf))]));
    }

    private static ExamAnalysis Analyse(ExamSums exam, ILookup<int, OptionAnalysis> options)
    {
        var (length, takers) = (exam.Table.Length, exam.Table.Takers);
        var analysis = new ItemAnalysis(exam.Table);
        var questions = exam.Items.Select((item, index) => Analyse(exam, item, index, analysis, [.. options[item.ItemId]]));
        var percent = 100.0 / Math.Max(1, length);
        return new ExamAnalysis(
            exam.BaseExamId, exam.Attempts, length, analysis.Takers,
            length == 0 ? null : analysis.Mean * percent, analysis.StandardDeviation * percent, analysis.Skewness, analysis.Kurtosis, analysis.Alpha,
            analysis.StandardError * percent, 100 * Root(1 - analysis.Alpha),
            length == 0 ? [] : takers,
            [.. questions.OrderBy(question => question.Facility).ThenBy(question => question.QuestionId, StringComparer.Ordinal)],
            ReasonOf(exam, analysis));
    }

    private static QuestionAnalysis Analyse(ExamSums exam, ItemSums item, int index, ItemAnalysis analysis, OptionAnalysis[] options)
    {
        var isRelated = item.Scores is not null;
        double facility = (double)item.Correct / item.Attempts;
        var itemRest = isRelated ? analysis.ItemRest(index) : null;
        var (verdict, rule) = Verdict.Of(item.Attempts, item.Omitted, facility * 100, itemRest, options);
        return new QuestionAnalysis(
            exam.BaseExamId, item.QuestionId, item.Attempts, item.Correct, item.Incorrect, item.MissedSome, item.Omitted, facility * 100,
            item.Attempts < 2 ? null : 100 * Math.Sqrt(facility * (1 - facility) * item.Attempts / (item.Attempts - 1)),
            isRelated ? analysis.DiscriminationIndex(index) : null, isRelated ? analysis.PointBiserial(index) : null, itemRest,
            isRelated ? 100 * analysis.DiscriminativeEfficiency(index) : null, 100.0 / exam.Table.Length,
            isRelated ? 100 * analysis.EffectiveWeight(index) : null, isRelated ? analysis.AlphaWithout(index) : null, verdict, rule, options,
            ReasonOf(exam, item, itemRest, analysis));
    }

    private static string? ReasonOf(ExamSums exam, ItemAnalysis analysis) => exam.Table switch
    {
        { Length: 0 } => "No event of this exam has questions.",
        _ when analysis.Takers == 1 => $"Only one attempt was shown {Questions(exam)}.",
        _ when analysis.StandardDeviation == 0 => "Every attempt has the same score.",
        { Length: 1 } => "One question alone has no others to be related to.",
        { Items.Count: 0 } => "The exam has too many questions to relate each to the total.",
        { IsOneForm: false } => "The attempts were not all shown the same questions: alpha, and what comes of it, has no meaning then.",
        _ when analysis.Takers < 4 => "Skewness needs three attempts and kurtosis four.",
        _ => null,
    };

    private static string? ReasonOf(ExamSums exam, ItemSums item, double? itemRest, ItemAnalysis analysis) => item.Scores switch
    {
        null when exam.Table.Items.Count > 0 => $"Only attempts that were not shown {Questions(exam)}, as most are, were shown it.",
        not null when itemRest is not null => exam.Table.IsOneForm ? null : ReasonOf(exam, analysis),
        _ => ReasonOf(exam, analysis) ?? "Every attempt has the same score on this question, or on all others together.",
    };

    private static string Questions(ExamSums exam) => exam.Table.Length == 1 ? "1 question" : $"{exam.Table.Length} questions";

    private static double? Root(double? value) => value is { } number ? Math.Sqrt(number) : null;
}
