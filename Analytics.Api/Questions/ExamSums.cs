using Analytics.Api.Database;
using Analytics.Api.Filters;
using Npgsql;
using Statistics;

namespace Analytics.Api.Questions;

/// <summary>What ingest has kept of an exam's answers.</summary>
/// <param name="BaseExamId">The exam's base_exam_id.</param>
/// <param name="Course">The name of its course.</param>
/// <param name="Attempts">Attempts that were shown at least one question.</param>
/// <param name="Table">The attempts of the exam's length, by total score: as many questions as most attempts were shown, on a tie the greater number.</param>
/// <param name="Items">Every question that an attempt was shown; those of <paramref name="Table"/> come first and in its order.</param>
internal sealed record ExamSums(string BaseExamId, string Course, long Attempts, ScoreTable Table, IReadOnlyList<ItemSums> Items)
{
    /// <summary>The most counts in a table, items times totals: 1,000 questions have 1,001,000. An exam of more keeps its own figures and its items' counts.</summary>
    private const int MostCells = 1 << 22;

    private const string NamesSql = $"""
        select exam_id, name, base_exam_id
        from exams join courses using (course_id)
        where exam_id in {Scope.Exams}
        order by base_exam_id, name
        """;

    private const string ResultsSql = $"""
        select exam_id, questions, correct, attempts
        from exam_results
        where attempts > 0 and exam_id in {Scope.Exams}
        """;

    private const string ItemsSql = $"""
        select exam_id, item_id, question_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered
        from item_results join items using (item_id)
        where attempts > 0 and exam_id in {Scope.Exams}
        order by item_id
        """;

    /// <summary>The queries that <see cref="ReadAsync"/> reads, over the parameters of a <see cref="Scope"/>.</summary>
    public static string[] Queries { get; } = [NamesSql, ResultsSql, ItemsSql];

    /// <summary>Reads the exams in scope by base_exam_id, and goes on to the result after them.</summary>
    public static async Task<List<ExamSums>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var names = await reader.ReadAllAsync(
            row => (ExamId: row.Get<int>("exam_id"), Course: row.Get<string>("name"), BaseExamId: row.Get<string>("base_exam_id")), cancellationToken);
        var results = (await reader.ReadAllAsync(
            row => (ExamId: row.Get<int>("exam_id"), Result: new Result(row.Get<int>("questions"), row.Get<int>("correct"), row.Get<long>("attempts"), 0)),
            cancellationToken)).ToLookup(row => row.ExamId, row => row.Result);
        var items = (await reader.ReadAllAsync(
            row => (
                ExamId: row.Get<int>("exam_id"), ItemId: row.Get<int>("item_id"), QuestionId: row.Get<string>("question_id"),
                Result: new Result(row.Get<int>("questions"), row.Get<int>("correct"), row.Get<long>("attempts"), row.Get<long>("solved")),
                Incorrect: row.Get<long>("incorrect"), MissedSome: row.Get<long>("missed_some"), Unanswered: row.Get<long>("unanswered")),
            cancellationToken)).ToLookup(row => row.ExamId);
        var exams = new List<ExamSums>(names.Count);
        foreach (var name in names)
        {
            var length = ScoreTable.LengthOf(results[name.ExamId].Select(result => (result.Questions, result.Attempts)));
            var byItem = items[name.ExamId].GroupBy(row => (row.ItemId, row.QuestionId)).ToList();
            var isTableSmall = (long)byItem.Count * (length + 1) <= MostCells;
            var itemSums = byItem
                .Select(rows => new ItemSums(
                    rows.Key.ItemId, rows.Key.QuestionId, rows.Sum(row => row.Result.Attempts), rows.Sum(row => row.Result.Solved),
                    rows.Sum(row => row.Incorrect), rows.Sum(row => row.MissedSome), rows.Sum(row => row.Unanswered),
                    isTableSmall && rows.Any(row => row.Result.Questions == length)
                        ? new ItemScores(
                            ByTotal(length, rows.Select(row => row.Result), result => result.Attempts),
                            ByTotal(length, rows.Select(row => row.Result), result => result.Solved))
                        : null))
                .OrderBy(item => item.Scores is null)
                .ToList();
            var table = new ScoreTable(
                length, ByTotal(length, results[name.ExamId], result => result.Attempts), [.. itemSums.Select(item => item.Scores).OfType<ItemScores>()]);
            exams.Add(new ExamSums(name.BaseExamId, name.Course, results[name.ExamId].Sum(result => result.Attempts), table, itemSums));
        }

        return exams;
    }

    private static long[] ByTotal(int length, IEnumerable<Result> results, Func<Result, long> count)
    {
        var counts = new long[length + 1];
        foreach (var result in results.Where(result => result.Questions == length))
        {
            counts[result.Correct] += count(result);
        }

        return counts;
    }

    private sealed record Result(int Questions, int Correct, long Attempts, long Solved);
}

/// <summary>What ingest has kept of the answers to a question, over attempts of every length.</summary>
/// <param name="ItemId">Its key in the database.</param>
/// <param name="QuestionId">Its id; empty where the events have none.</param>
/// <param name="Attempts">Attempts that were shown it.</param>
/// <param name="Correct">How many of them answered it correctly.</param>
/// <param name="Incorrect">How many chose a wrong option.</param>
/// <param name="MissedSome">How many missed a right one.</param>
/// <param name="Omitted">How many did not answer it.</param>
/// <param name="Scores">The attempts of the exam's length that were shown it, by their total; null where there are none, or more items than can be related.</param>
internal sealed record ItemSums(
    int ItemId, string QuestionId, long Attempts, long Correct, long Incorrect, long MissedSome, long Omitted, ItemScores? Scores);
