using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>One question of an exam, from the rows of the attempts that a filter leaves.</summary>
internal static class QuestionDetailQuery
{
    private const int Groups = 5;

    // $1 is the question's id. The filter names course and exam.
    private const string Asked = """
        with taken as (
          select attempt_id, item_id, one.solved, one.unanswered left_out, results.questions, results.solved all_solved, least(4, results.solved * 5 / results.questions) score_group
          from attempt_items one join attempt_results results using (attempt_id)
          where item_id in (select item_id from items where question_id = $1))
        """;

    private const string GroupsSql = $"""
        {Asked}
        select score_group, count(*) attempts, count(*) filter (where solved) correct, count(*) filter (where left_out) omitted
        from taken group by score_group order by score_group
        """;

    private const string OptionsSql = $"""
        {Asked}
        select score_group, option_id, is_correct, count(*) shown, count(*) filter (where is_checked) chosen,
          (select text from item_option_names names where names.item_option_id = item_options.item_option_id) as text
        from taken join answers using (attempt_id, item_id)
          cross join unnest(item_option_ids, checked) choices (item_option_id, is_checked)
          join item_options on item_options.item_option_id = choices.item_option_id
        group by score_group, item_options.item_option_id
        order by score_group, is_correct desc, option_id
        """;

    private static readonly string MonthsSql = $"""
        {Asked}
        select to_char({Clock.Local("started_at", 2)}, 'YYYY-MM') as month, count(*) attempts, count(*) filter (where solved) correct, count(*) filter (where left_out) omitted,
          avg((all_solved - solved::int) * 100.0 / nullif(questions - 1, 0))::float8 rest_score
        from taken join attempts using (attempt_id)
        where started_at is not null
        group by month order by month
        """;

    /// <summary>How takers of different scores answer it; null if nobody was shown it.</summary>
    public static Query<QuestionOptions?> Options(Filter filter, string question) => filter.Query(
        FilterParts.None, [GroupsSql, OptionsSql], [new NpgsqlParameter<string> { TypedValue = question }],
        (reader, cancellationToken) => ReadOptionsAsync(filter, question, reader, cancellationToken));

    /// <summary>How it does from month to month.</summary>
    public static Query<QuestionMonths> Months(Filter filter, string question) => filter.Query(
        FilterParts.None, [MonthsSql], [new NpgsqlParameter<string> { TypedValue = question }, .. filter.Clock.Parameters],
        async (reader, cancellationToken) => new QuestionMonths(
            filter.Course!, filter.Exam!, question, filter.Zone, await reader.ReadAllAsync(ReadMonth, cancellationToken)));

    private static async Task<QuestionOptions?> ReadOptionsAsync(Filter filter, string question, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var groups = await reader.ReadAllAsync(
            row => (Group: row.Get<int>("score_group"), Attempts: row.Get<long>("attempts"), Correct: row.Get<long>("correct"),
                Omitted: row.Get<long>("omitted")), cancellationToken);
        var options = (await reader.ReadAllAsync(
            row => (
                Group: row.Get<int>("score_group"),
                Option: new GroupOption(
                    From(row.Get<int>("score_group")), From(row.Get<int>("score_group") + 1), row.Get<string>("option_id"), row.Get<bool>("is_correct"),
                    row.Get<long>("shown"), row.Get<long>("chosen"))
                { Text = row.GetOrNull<string>("text") }),
            cancellationToken)).ToLookup(row => row.Group, row => row.Option);
        return groups.Count == 0 ? null : new QuestionOptions(
            filter.Course!, filter.Exam!, question,
            [.. groups.Select(
                group => new ScoreGroup(From(group.Group), From(group.Group + 1), group.Attempts, group.Correct, group.Omitted, [.. options[group.Group]]))]);
    }

    private static int From(int group) => group * 100 / Groups;

    private static QuestionMonth ReadMonth(NpgsqlDataReader row)
    {
        var (attempts, correct) = (row.Get<long>("attempts"), row.Get<long>("correct"));
        var share = Interval.OfShare(correct, attempts)!.Value;
        return new QuestionMonth(
            row.Get<string>("month"), attempts, correct, row.Get<long>("omitted"), 100 * share.Estimate, 100 * share.Low, 100 * share.High,
            row.Get<double?>("rest_score"));
    }
}
