using System.Data;
using System.Runtime.InteropServices;
using Assessments;
using Npgsql;
using static Ingest.Worker.Merge.RollupCommands;

namespace Ingest.Worker.Merge;

/// <summary>
/// What one batch changes in the sums that item statistics are made of, summed up before it goes to the database, one row for each row that changes,
/// in the order of their keys. An attempt counts as long as its event is the newest: a replaced one is read again and taken away.
/// </summary>
internal sealed class ItemRollups
{
    private readonly Dictionary<(int Exam, int Questions, int Correct), long> _exams = [];
    private readonly Dictionary<(int Item, int Questions, int Correct), ItemCounts> _items = [];
    private readonly Dictionary<int, (long Shown, long Chosen)> _options = [];

    // The items of the attempt in hand; one list for all attempts.
    private readonly List<AttemptItem> _attempt = [];

    /// <summary>Counts an attempt's answers.</summary>
    public void Add(AttemptEvent attempt, Exam exam)
    {
        foreach (var question in attempt.Questions)
        {
            var item = exam.Items[question.Id ?? ""];
            _attempt.Add(AttemptItem.Of(item.Id, question.UserCorrect, question.UserResult));
            foreach (var option in question.Options)
            {
                AddOption(item.Options[option.Id ?? ""].Id, option.Checked, 1);
            }
        }

        CloseAttempt(exam.Id, 1);
    }

    /// <summary>Takes away what stored attempts had been counted as, before their answers are deleted.</summary>
    /// <param name="connection">In the transaction that has locked the attempts.</param>
    /// <param name="attemptIds">Those that newer events replace.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task SubtractAsync(NpgsqlConnection connection, IReadOnlyCollection<long> attemptIds, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(
            """
            select attempt_id, exam_id, item_id, user_correct, user_result, item_option_ids, checked
            from answers join attempts using (attempt_id)
            where attempt_id = any($1)
            order by attempt_id
            """,
            connection);
        read.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. attemptIds] });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        (long Id, int ExamId)? attempt = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var attemptId = reader.GetInt64("attempt_id");
            if (attempt is { } open && open.Id != attemptId)
            {
                CloseAttempt(open.ExamId, -1);
            }

            attempt = (attemptId, reader.GetInt32("exam_id"));
            _attempt.Add(AttemptItem.Of(
                reader.GetInt32("item_id"), reader.GetFieldValue<bool?>("user_correct"),
                reader.IsDBNull("user_result") ? null : reader.GetString("user_result")));
            var isChecked = reader.GetFieldValue<bool?[]>("checked");
            foreach (var (index, optionId) in reader.GetFieldValue<int[]>("item_option_ids").Index())
            {
                AddOption(optionId, isChecked[index], -1);
            }
        }

        if (attempt is { } last)
        {
            CloseAttempt(last.ExamId, -1);
        }
    }

    /// <summary>The statements that add all of it.</summary>
    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (Changed(_exams) is { Length: > 0 } exams)
        {
            yield return Command(
                """
                insert into exam_results as old (exam_id, questions, correct, attempts)
                select * from unnest($1, $2, $3, $4) as new (exam_id, questions, correct) order by exam_id, questions, correct
                on conflict (exam_id, questions, correct) do update set attempts = old.attempts + excluded.attempts
                """,
                Column(exams, row => row.Key.Exam),
                Column(exams, row => row.Key.Questions),
                Column(exams, row => row.Key.Correct),
                Column(exams, row => row.Value));
        }

        if (Changed(_items) is { Length: > 0 } items)
        {
            yield return Command(
                """
                insert into item_results as old (item_id, questions, correct, attempts, solved, incorrect, missed_some, unanswered)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8) as new (item_id, questions, correct) order by item_id, questions, correct
                on conflict (item_id, questions, correct) do update set
                  attempts = old.attempts + excluded.attempts,
                  solved = old.solved + excluded.solved,
                  incorrect = old.incorrect + excluded.incorrect,
                  missed_some = old.missed_some + excluded.missed_some,
                  unanswered = old.unanswered + excluded.unanswered
                """,
                Column(items, row => row.Key.Item),
                Column(items, row => row.Key.Questions),
                Column(items, row => row.Key.Correct),
                Column(items, row => row.Value.Attempts),
                Column(items, row => row.Value.Solved),
                Column(items, row => row.Value.Incorrect),
                Column(items, row => row.Value.MissedSome),
                Column(items, row => row.Value.Unanswered));
        }

        if (Changed(_options) is { Length: > 0 } options)
        {
            yield return Command(
                """
                insert into item_option_choices as old (item_option_id, shown, chosen)
                select * from unnest($1, $2, $3) as new (item_option_id) order by item_option_id
                on conflict (item_option_id) do update set shown = old.shown + excluded.shown, chosen = old.chosen + excluded.chosen
                """,
                Column(options, row => row.Key),
                Column(options, row => row.Value.Shown),
                Column(options, row => row.Value.Chosen));
        }
    }

    private void AddOption(int optionId, bool? isChecked, int sign)
    {
        ref var option = ref Of(_options, optionId);
        option.Shown += sign;
        option.Chosen += isChecked is true ? sign : 0;
    }

    /// <summary>Counts the attempt in hand: only when all its answers are known is it known how many of its items it solved.</summary>
    private void CloseAttempt(int examId, int sign)
    {
        if (_attempt.Count == 0)
        {
            return;
        }

        var items = Distinct(CollectionsMarshal.AsSpan(_attempt));
        var correct = 0;
        foreach (ref readonly var item in items)
        {
            correct += item.Solved ? 1 : 0;
        }

        Of(_exams, (examId, items.Length, correct)) += sign;
        foreach (ref readonly var item in items)
        {
            Of(_items, (item.Id, items.Length, correct)).Add(item, sign);
        }

        _attempt.Clear();
    }

    /// <summary>Merges the answers to an item that an attempt was shown more than once.</summary>
    private static Span<AttemptItem> Distinct(Span<AttemptItem> answers)
    {
        answers.Sort(static (one, other) => one.Id.CompareTo(other.Id));
        var last = 0;
        for (var i = 1; i < answers.Length; i++)
        {
            if (answers[i].Id == answers[last].Id)
            {
                answers[last] = answers[last].And(answers[i]);
            }
            else
            {
                answers[++last] = answers[i];
            }
        }

        return answers[..(last + 1)];
    }

    /// <summary>How an attempt did on an item.</summary>
    private readonly record struct AttemptItem(int Id, bool Solved, bool Incorrect, bool MissedSome, bool Unanswered)
    {
        public static AttemptItem Of(int id, bool? correct, string? result) =>
            new(id, correct is true, result == "incorrect", result == "missed_some", result == "unanswered");

        /// <summary>It solved the item if every answer is correct.</summary>
        public AttemptItem And(in AttemptItem other) =>
            new(Id, Solved && other.Solved, Incorrect || other.Incorrect, MissedSome || other.MissedSome, Unanswered || other.Unanswered);
    }

    private record struct ItemCounts(long Attempts, long Solved, long Incorrect, long MissedSome, long Unanswered)
    {
        public void Add(in AttemptItem item, int sign)
        {
            Attempts += sign;
            Solved += item.Solved ? sign : 0;
            Incorrect += item.Incorrect ? sign : 0;
            MissedSome += item.MissedSome ? sign : 0;
            Unanswered += item.Unanswered ? sign : 0;
        }
    }
}
