using Analytics.Api.Courses;
using Analytics.Api.Statistics;
using Npgsql;

namespace Analytics.Api.Questions;

/// <summary>An exam's score table, with the question ids of its items in their order.</summary>
internal sealed record ExamScores(int ExamId, IReadOnlyList<string> QuestionIds, ScoreTable Table);

/// <summary>Reads score tables.</summary>
internal static class ScoreTables
{
    /// <summary>Takers and correct answers of each item by total score, for each number of items that attempts were shown. Parameters as <see cref="Scope"/>.</summary>
    public const string Sql = $"""
        with scored as (
          select exam_id, attempt_id, item_id, bool_and(user_correct is true) correct
          from attempts join answers using (attempt_id)
          where exam_id in {Scope.Exams}
          group by exam_id, attempt_id, item_id),
        totals as (
          select attempt_id, count(*)::integer length, count(*) filter (where correct)::integer total
          from scored
          group by attempt_id)
        select scored.exam_id, length, item_id, question_id, total, count(*), count(*) filter (where correct)
        from scored join totals using (attempt_id) join items using (item_id)
        group by scored.exam_id, length, item_id, question_id, total
        """;

    /// <summary>Reads what <see cref="Sql"/> answered and goes on to the next result.</summary>
    /// <returns>Each exam's table of those attempts that were shown as many items as most were; of equals the more.</returns>
    public static async Task<IReadOnlyList<ExamScores>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var cells = new List<Cell>();
        while (await reader.ReadAsync(cancellationToken))
        {
            cells.Add(new Cell(
                reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetString(3), reader.GetInt32(4), reader.GetInt64(5), reader.GetInt64(6)));
        }

        await reader.NextResultAsync(cancellationToken);
        return
        [
            .. cells.GroupBy(cell => cell.ExamId).Select(exam => exam
                .GroupBy(cell => cell.Length)
                .MaxBy(form => (form.Sum(cell => cell.Takers) / form.Key, form.Key))!)
                .Select(form => Of(form.First().ExamId, form.Key, [.. form])),
        ];
    }

    private static ExamScores Of(int examId, int length, Cell[] cells)
    {
        var items = cells.GroupBy(cell => cell.ItemId).OrderBy(item => item.Key).ToArray();

        // Every taker is in the cells of as many items as the form is long.
        var takers = ByTotal(length, cells, cell => cell.Takers).Select(count => count / length).ToArray();
        return new ExamScores(
            examId, [.. items.Select(item => item.First().QuestionId)],
            new ScoreTable(length, takers, [.. items.Select(item => new ItemScores(ByTotal(length, item, cell => cell.Takers), ByTotal(length, item, cell => cell.Correct)))]));
    }

    private static long[] ByTotal(int length, IEnumerable<Cell> cells, Func<Cell, long> count)
    {
        var counts = new long[length + 1];
        foreach (var cell in cells)
        {
            counts[cell.Total] += count(cell);
        }

        return counts;
    }

    private sealed record Cell(int ExamId, int Length, int ItemId, string QuestionId, int Total, long Takers, long Correct);
}
