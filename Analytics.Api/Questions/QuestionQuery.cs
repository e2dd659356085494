using Analytics.Api.Courses;
using Analytics.Api.Http;
using Analytics.Api.Statistics;
using Npgsql;

namespace Analytics.Api.Questions;

/// <summary>The item analysis of a course's exams.</summary>
internal static class QuestionQuery
{
    private const string NamesSql = $"""
        select exam_id, name, base_exam_id
        from exams join courses using (course_id)
        where exam_id in {Scope.Exams}
        order by base_exam_id
        """;

    private const string ItemsSql = $"""
        select attempts.exam_id, item_id, question_id, count(*), count(*) filter (where user_correct),
          count(*) filter (where user_result = 'incorrect'), count(*) filter (where user_result = 'missed_some'), count(*) filter (where user_result = 'unanswered')
        from attempts join answers using (attempt_id) join items using (item_id)
        where attempts.exam_id in {Scope.Exams}
        group by attempts.exam_id, item_id, question_id
        """;

    private const string OptionsSql = $"""
        with counts as (
          select item_id, item_option_id, count(*) shown, count(*) filter (where is_checked) chosen
          from attempts join answers using (attempt_id)
            cross join unnest(item_option_ids, checked) as options (item_option_id, is_checked)
          where attempts.exam_id in {Scope.Exams}
          group by item_id, item_option_id)
        select item_id, option_id, is_correct, shown, chosen
        from counts join item_options using (item_option_id, item_id)
        order by is_correct desc, chosen desc, option_id
        """;

    // Takers with the same answers are one row, so an exam of five questions has 32 however many take it.
    private const string PatternsSql = $"""
        with scored as (
          select exam_id, attempt_id, item_id, bool_and(user_correct is true) correct
          from attempts join answers using (attempt_id)
          where exam_id in {Scope.Exams}
          group by exam_id, attempt_id, item_id),
        patterns as (
          select exam_id, array_agg(item_id order by item_id) items, array_agg(correct order by item_id) correct
          from scored
          group by exam_id, attempt_id)
        select exam_id, items, correct, count(*)
        from patterns
        group by exam_id, items, correct
        """;

    /// <param name="slug">The course's slug.</param>
    /// <param name="exam">The base_exam_id, null for all exams of the course.</param>
    public static Query<CourseAnalysis> Of(string slug, string? exam) =>
        new([NamesSql, ItemsSql, OptionsSql, PatternsSql], Scope.Parameters(slug, exam), (reader, cancellationToken) => ReadAsync(slug, reader, cancellationToken));

    private static async Task<CourseAnalysis> ReadAsync(string slug, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var names = await reader.ReadAllAsync(row => (ExamId: row.GetInt32(0), Name: row.GetString(1), BaseExamId: row.GetString(2)), cancellationToken);
        var items = await reader.ReadAllAsync(ReadItem, cancellationToken);
        var options = await reader.ReadAllAsync(
            row => (ItemId: row.GetInt32(0), Option: new OptionAnalysis(row.GetString(1), row.GetBoolean(2), row.GetInt64(3), row.GetInt64(4))),
            cancellationToken);
        var patterns = await reader.ReadAllAsync(
            row => (ExamId: row.GetInt32(0), Items: row.GetFieldValue<int[]>(1), Pattern: new ResponsePattern(row.GetFieldValue<bool[]>(2), row.GetInt64(3))),
            cancellationToken);
        var optionsOf = options.ToLookup(option => option.ItemId, option => option.Option);
        return new CourseAnalysis(
            names.Count == 0 ? "" : names[0].Name, slug,
            [
                .. names.Select(name => Analyse(
                    name.BaseExamId,
                    [.. items.Where(item => item.ExamId == name.ExamId).OrderBy(item => item.ItemId)],
                    [.. patterns.Where(pattern => pattern.ExamId == name.ExamId).Select(pattern => (pattern.Items, pattern.Pattern))],
                    optionsOf)),
            ]);
    }

    private static ExamAnalysis Analyse(
        string baseExamId, Item[] items, (int[] Items, ResponsePattern Pattern)[] patterns, ILookup<int, OptionAnalysis> options)
    {
        var itemIds = items.Select(item => item.ItemId).ToArray();
        var analysis = new ItemAnalysis(items.Length, patterns.Where(pattern => pattern.Items.SequenceEqual(itemIds)).Select(pattern => pattern.Pattern));
        var questions = items.Select((item, index) => Analyse(baseExamId, item, index, analysis, [.. options[item.ItemId]]));
        var percent = 100.0 / Math.Max(1, items.Length);
        return new ExamAnalysis(
            baseExamId, patterns.Sum(pattern => pattern.Pattern.Takers), analysis.Takers,
            items.Length == 0 ? null : analysis.Mean * percent, analysis.StandardDeviation * percent, analysis.Skewness, analysis.Kurtosis, analysis.Alpha,
            analysis.StandardError * percent, 100 * Root(1 - analysis.Alpha),
            [.. questions.OrderBy(question => question.Facility).ThenBy(question => question.QuestionId, StringComparer.Ordinal)],
            ReasonOf(analysis));
    }

    private static QuestionAnalysis Analyse(string baseExamId, Item item, int index, ItemAnalysis exam, OptionAnalysis[] options)
    {
        double facility = (double)item.Correct / item.Attempts;
        var itemRest = exam.ItemRest(index);
        var (verdict, rule) = Verdict.Of(item.Attempts, item.Omitted, facility * 100, itemRest, options);
        return new QuestionAnalysis(
            baseExamId, item.QuestionId, item.Attempts, item.Correct, item.Incorrect, item.MissedSome, item.Omitted, facility * 100,
            item.Attempts < 2 ? null : 100 * Math.Sqrt(facility * (1 - facility) * item.Attempts / (item.Attempts - 1)),
            exam.DiscriminationIndex(index), exam.PointBiserial(index), itemRest, 100 * exam.DiscriminativeEfficiency(index),
            100.0 / exam.Items, 100 * exam.EffectiveWeight(index), exam.AlphaWithout(index), verdict, rule, options,
            itemRest is null ? ReasonOf(exam) ?? "Every attempt has the same score on this question, or on all others together." : null);
    }

    private static string? ReasonOf(ItemAnalysis exam) => exam switch
    {
        { Items: 0 } => "No event of this exam has questions.",
        { Takers: 0 } => "No attempt was shown every question.",
        { Takers: 1 } => "Only one attempt was shown every question.",
        { StandardDeviation: 0 } => "Every attempt has the same score.",
        { Items: 1 } => "One question alone has no others to be related to.",
        { Takers: < 4 } => "Skewness needs three attempts and kurtosis four.",
        _ => null,
    };

    private static double? Root(double? value) => value is { } number ? Math.Sqrt(number) : null;

    private static Item ReadItem(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetInt32(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));

    private sealed record Item(
        int ExamId, int ItemId, string QuestionId, long Attempts, long Correct, long Incorrect, long MissedSome, long Omitted);
}
