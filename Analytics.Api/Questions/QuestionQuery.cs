using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>The item analysis of a course's exams.</summary>
internal static class QuestionQuery
{
    private const string OptionsSql = $"""
        select item_id, item_option_id, option_id, is_correct, shown, chosen
        from item_option_choices join item_options using (item_option_id) join items using (item_id)
        where shown > 0 and exam_id in {Scope.Exams}
        order by is_correct desc, chosen desc, option_id
        """;

    private const string VersionOptionsSql = $"""
        select item_id, item_option_id, option_id, is_correct, options.shown, options.chosen
        from exam_versions join exam_version_choices choices using (exam_version_id)
          cross join unnest(choices.item_option_ids, choices.shown, choices.chosen) options (item_option_id, shown, chosen)
          join item_options using (item_option_id)
        where options.shown > 0 and version = $3 and exam_id in {Scope.Exams}
        order by is_correct desc, options.chosen desc, option_id
        """;

    private const string OptionNamesSql = $"""
        select item_option_id, text, key
        from item_option_names
        where exam_id in {Scope.Exams}
        """;

    /// <summary>
    /// The analysis of the course that the filter names, over the attempts that it leaves; its version is the one of the exams that is analysed.
    /// </summary>
    public static Query<CourseAnalysis> Of(Filter filter) => (filter with { Version = null }).Query(
        FilterParts.Course | FilterParts.Exam, [.. ExamSums.Queries, filter.Version is null ? OptionsSql : VersionOptionsSql, OptionNamesSql],
        ExamSums.Parameters(filter), (reader, cancellationToken) => ReadAsync(filter, reader, cancellationToken));

    private static async Task<CourseAnalysis> ReadAsync(Filter filter, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var (course, exams) = await ExamSums.ReadAsync(reader, filter.Version, cancellationToken);
        var options = await reader.ReadAllAsync(
            row => (
                ItemId: row.Get<int>("item_id"),
                OptionId: row.Get<int>("item_option_id"),
                Option: new OptionAnalysis(row.Get<string>("option_id"), row.Get<bool>("is_correct"), row.Get<long>("shown"), row.Get<long>("chosen"))),
            cancellationToken);
        var names = (await reader.ReadAllAsync(
            row => (OptionId: row.Get<int>("item_option_id"), Text: row.GetOrNull<string>("text"), Key: row.Get<bool?>("key")), cancellationToken))
            .ToDictionary(row => row.OptionId, row => (row.Text, row.Key));
        var optionsOf = options.ToLookup(
            option => option.ItemId,
            option => names.TryGetValue(option.OptionId, out var named) ? option.Option with { Text = named.Text, CatalogueKey = named.Key } : option.Option);
        return new CourseAnalysis(course, filter.Course!, [.. exams.Select(sums => Analyse(sums, optionsOf))]);
    }

    private static ExamAnalysis Analyse(ExamSums exam, ILookup<int, OptionAnalysis> options)
    {
        var (length, takers) = (exam.Table.Length, exam.Table.Takers);
        var analysis = new ItemAnalysis(exam.Table);
        var questions = exam.Items.Select((item, index) => Analyse(exam, item, index, analysis, [.. options[item.ItemId]]));
        var percent = 100.0 / Math.Max(1, length);
        return new ExamAnalysis(
            exam.BaseExamId, exam.Version?.Version, exam.Attempts, length, analysis.Takers,
            length == 0 ? null : analysis.Mean * percent, analysis.StandardDeviation * percent, analysis.Skewness, analysis.Kurtosis, analysis.Alpha,
            analysis.StandardError * percent, 100 * Root(1 - analysis.Alpha),
            length == 0 ? [] : takers,
            exam.Versions, exam.HasMoreVersions,
            [.. questions.OrderBy(question => question.Facility).ThenBy(question => question.QuestionId, StringComparer.Ordinal)],
            ReasonOf(exam, analysis));
    }

    private static QuestionAnalysis Analyse(ExamSums exam, ItemSums item, int index, ItemAnalysis analysis, OptionAnalysis[] options)
    {
        var isRelated = item.Scores is not null;
        var facility = (double)item.Correct / item.Attempts;
        var itemRest = isRelated ? analysis.ItemRest(index) : null;
        var (verdict, rule) =
            ItemVerdict.Of(item.Attempts, item.Omitted, facility * 100, itemRest, MostChosen(options, isCorrect: true), MostChosen(options, isCorrect: false));
        return new QuestionAnalysis(
            exam.BaseExamId, item.QuestionId, item.Attempts, item.Correct, item.Incorrect, item.MissedSome, item.Omitted, facility * 100,
            item.Attempts < 2 ? null : 100 * Math.Sqrt(facility * (1 - facility) * item.Attempts / (item.Attempts - 1)),
            isRelated ? analysis.DiscriminationIndex(index) : null, isRelated ? analysis.PointBiserial(index) : null, itemRest,
            isRelated ? 100 * analysis.DiscriminativeEfficiency(index) : null, 100.0 / exam.Table.Length,
            isRelated ? 100 * analysis.EffectiveWeight(index) : null, isRelated ? analysis.AlphaWithout(index) : null, verdict, rule, options,
            ReasonOf(exam, item, itemRest, analysis))
        { Text = item.Text, Topic = item.Topic };
    }

    private static long MostChosen(OptionAnalysis[] options, bool isCorrect) =>
        options.Where(option => option.IsCorrect == isCorrect).Select(option => option.Chosen).DefaultIfEmpty(0).Max();

    private static string? ReasonOf(ExamSums exam, ItemAnalysis analysis) => exam.Table switch
    {
        { Length: 0 } => "No event of this exam has questions.",
        _ when analysis.Takers == 1 => $"Only one attempt was shown {Questions(exam)}.",
        _ when analysis.StandardDeviation == 0 => "Every attempt has the same score.",
        { Length: 1 } => "One question alone has no others to be related to.",
        { Items.Count: 0 } => "The exam has too many questions to relate each to the total.",
        { IsOneForm: false } =>
            "The attempts were not all shown the same questions, and no version has more than a third of them: alpha, and what comes of it, has no meaning "
                + "then.",
        _ when analysis.Takers < 4 => "Skewness needs three attempts and kurtosis four.",
        _ => null,
    };

    private static string? ReasonOf(ExamSums exam, ItemSums item, double? itemRest, ItemAnalysis analysis) => item.Scores switch
    {
        null when exam.Table.Items.Count > 0 && exam.Version is not null =>
            $"Only attempts of other versions were shown it, and not those of the version with {Questions(exam)} that most attempts had; ?version= tells each.",
        null when exam.Table.Items.Count > 0 => $"Only attempts that were not shown {Questions(exam)}, as most are, were shown it.",
        not null when itemRest is not null => exam.Table.IsOneForm ? null : ReasonOf(exam, analysis),
        _ => ReasonOf(exam, analysis) ?? "Every attempt has the same score on this question, or on all others together.",
    };

    private static string Questions(ExamSums exam) => exam.Table.Length == 1 ? "1 question" : $"{exam.Table.Length} questions";

    private static double? Root(double? value) => value is { } number ? Math.Sqrt(number) : null;
}
