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
    private readonly Dictionary<(int Version, int Correct), VersionResults> _results = [];
    private readonly Dictionary<(int Version, int Option), OptionCounts> _choices = [];

    // The items of the attempt in hand; one list for all attempts.
    private readonly List<AttemptItem> _attempt = [];

    /// <summary>Counts an attempt's answers.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="keys">The keys of what it names.</param>
    public void Add(AttemptEvent attempt, AttemptKeys keys)
    {
        if (keys.Version is not { } version)
        {
            return;
        }

        var at = 0;
        for (var q = 0; q < keys.ItemIds.Length; q++)
        {
            var question = attempt.Questions[q];
            _attempt.Add(AttemptItem.Of(keys.ItemIds[q], question.UserCorrect, question.UserResult));
            for (var o = 0; o < question.Options.Count; o++)
            {
                AddOption(version.Id, keys.OptionIds[at++], question.Options[o].Checked, 1);
            }
        }

        CloseAttempt(keys.Exam.Id, version.Id, 1);
    }

    /// <summary>Takes away what stored attempts had been counted as, before their answers are deleted.</summary>
    /// <param name="connection">In the transaction that has locked the attempts.</param>
    /// <param name="attemptIds">Those that newer events replace.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task SubtractAsync(NpgsqlConnection connection, IReadOnlyCollection<long> attemptIds, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(
            """
            select attempt_id, exam_id, exam_version_id, item_id, user_correct, user_result, item_option_ids, checked
            from answers
            where attempt_id = any($1)
            order by attempt_id
            """,
            connection);
        read.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. attemptIds] });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        (long Id, int ExamId, int VersionId)? attempt = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var attemptId = reader.GetInt64("attempt_id");
            if (attempt is { } open && open.Id != attemptId)
            {
                CloseAttempt(open.ExamId, open.VersionId, -1);
            }

            var versionId = reader.GetInt32("exam_version_id");
            attempt = (attemptId, reader.GetInt32("exam_id"), versionId);
            _attempt.Add(AttemptItem.Of(
                reader.GetInt32("item_id"), reader.GetFieldValue<bool?>("user_correct"),
                reader.IsDBNull("user_result") ? null : reader.GetString("user_result")));
            var isChecked = reader.GetFieldValue<bool?[]>("checked");
            foreach (var (index, optionId) in reader.GetFieldValue<int[]>("item_option_ids").Index())
            {
                AddOption(versionId, optionId, isChecked[index], -1);
            }
        }

        if (attempt is { } last)
        {
            CloseAttempt(last.ExamId, last.VersionId, -1);
        }
    }

    /// <summary>The statements that add all of it.</summary>
    public IEnumerable<NpgsqlBatchCommand> Commands() => OfExams().Concat(OfVersions());

    /// <summary>Each exam as a whole: the sums over its versions, by how many questions these have.</summary>
    private IEnumerable<NpgsqlBatchCommand> OfExams()
    {
        var examSums = new Dictionary<(int Exam, int Questions, int Correct), long>();
        var itemSums = new Dictionary<(int Item, int Questions, int Correct), ItemCounts>();
        foreach (var (key, version) in _results)
        {
            Of(examSums, (version.ExamId, version.Items.Length, key.Correct)) += version.Attempts;
            for (var i = 0; i < version.Items.Length; i++)
            {
                ref var sums = ref Of(itemSums, (version.Items[i], version.Items.Length, key.Correct));
                sums = sums.And(version.Counts[i]);
            }
        }

        if (Changed(examSums) is { Length: > 0 } exams)
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

        if (Changed(itemSums) is { Length: > 0 } items)
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

        var optionSums = new Dictionary<int, OptionCounts>();
        foreach (var (key, version) in _choices)
        {
            ref var sums = ref Of(optionSums, key.Option);
            sums = new OptionCounts(sums.Shown + version.Shown, sums.Chosen + version.Chosen);
        }

        if (Changed(optionSums) is { Length: > 0 } options)
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

    /// <summary>Each version by itself. The versions are locked first, in the order of their keys, so that two workers wait for each other one way.</summary>
    private IEnumerable<NpgsqlBatchCommand> OfVersions()
    {
        KeyValuePair<(int Version, int Correct), VersionResults>[] results = [.. _results.Where(row => row.Value.IsChange).OrderBy(row => row.Key)];
        (int Version, (int Option, OptionCounts Counts)[] Options)[] choices =
        [
            .. Changed(_choices).GroupBy(row => row.Key.Version, row => (row.Key.Option, row.Value)).Select(rows => (rows.Key, rows.ToArray())),
        ];
        int[] versions = [.. results.Select(row => row.Key.Version).Concat(choices.Select(row => row.Version)).Distinct().Order()];
        if (versions.Length == 0)
        {
            yield break;
        }

        yield return Command(
            "select from exam_versions where exam_version_id = any($1) order by exam_version_id for no key update",
            Column(versions, version => version));
        if (results.Length > 0)
        {
            yield return Command(
                """
                update exam_versions set attempts = exam_versions.attempts + more.attempts
                from (select version, sum(attempts)::bigint as attempts from unnest($1, $2) as new (version, attempts) group by version) as more
                where exam_version_id = more.version and more.attempts <> 0
                """,
                Column(results, row => row.Key.Version),
                Column(results, row => row.Value.Attempts));
            yield return Command(
                """
                insert into exam_version_results as old (exam_version_id, correct, attempts, solved, incorrect, missed_some, unanswered)
                select exam_version_id, correct, attempts, solved::bigint[], incorrect::bigint[], missed_some::bigint[], unanswered::bigint[]
                from unnest($1, $2, $3, $4, $5, $6, $7) as new (exam_version_id, correct, attempts, solved, incorrect, missed_some, unanswered)
                order by exam_version_id, correct
                on conflict (exam_version_id, correct) do update set
                  attempts = old.attempts + excluded.attempts,
                  (solved, incorrect, missed_some, unanswered) = (
                    select array_agg(s + more_s order by place), array_agg(i + more_i order by place),
                      array_agg(m + more_m order by place), array_agg(u + more_u order by place)
                    from unnest(old.solved, excluded.solved, old.incorrect, excluded.incorrect,
                      old.missed_some, excluded.missed_some, old.unanswered, excluded.unanswered)
                      with ordinality as item (s, more_s, i, more_i, m, more_m, u, more_u, place))
                """,
                Column(results, row => row.Key.Version),
                Column(results, row => row.Key.Correct),
                Column(results, row => row.Value.Attempts),
                Column(results, row => ArrayText(row.Value.Counts, item => item.Solved)),
                Column(results, row => ArrayText(row.Value.Counts, item => item.Incorrect)),
                Column(results, row => ArrayText(row.Value.Counts, item => item.MissedSome)),
                Column(results, row => ArrayText(row.Value.Counts, item => item.Unanswered)));
        }

        if (choices.Length > 0)
        {
            yield return Command(
                """
                insert into exam_version_choices as old (exam_version_id, item_option_ids, shown, chosen)
                select exam_version_id, item_option_ids::integer[], shown::bigint[], chosen::bigint[]
                from unnest($1, $2, $3, $4) as new (exam_version_id, item_option_ids, shown, chosen)
                order by exam_version_id
                on conflict (exam_version_id) do update set (item_option_ids, shown, chosen) = (
                  select array_agg(id order by id), array_agg(shown order by id), array_agg(chosen order by id)
                  from (
                    select id, sum(shown)::bigint as shown, sum(chosen)::bigint as chosen
                    from (
                      select * from unnest(old.item_option_ids, old.shown, old.chosen)
                      union all
                      select * from unnest(excluded.item_option_ids, excluded.shown, excluded.chosen)) as options (id, shown, chosen)
                    group by id) as sums)
                """,
                Column(choices, row => row.Version),
                Column(choices, row => ArrayText(row.Options, option => option.Option)),
                Column(choices, row => ArrayText(row.Options, option => option.Counts.Shown)),
                Column(choices, row => ArrayText(row.Options, option => option.Counts.Chosen)));
        }
    }

    private void AddOption(int versionId, int optionId, bool? isChecked, int sign)
    {
        ref var option = ref Of(_choices, (versionId, optionId));
        option.Shown += sign;
        option.Chosen += isChecked is true ? sign : 0;
    }

    /// <summary>Counts the attempt in hand: only when all its answers are known is it known how many of its items it solved.</summary>
    private void CloseAttempt(int examId, int versionId, int sign)
    {
        var items = Distinct(CollectionsMarshal.AsSpan(_attempt));
        var correct = 0;
        foreach (ref readonly var item in items)
        {
            correct += item.Solved ? 1 : 0;
        }

        ref var results = ref CollectionsMarshal.GetValueRefOrAddDefault(_results, (versionId, correct), out _);
        results ??= VersionResults.Of(examId, items);
        results.Attempts += sign;
        for (var i = 0; i < items.Length; i++)
        {
            results.Counts[i].Add(items[i], sign);
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

    /// <summary>Attempts of a version that solved as many of its items.</summary>
    /// <param name="ExamId">The version's exam.</param>
    /// <param name="Items">Its items, in order.</param>
    /// <param name="Counts">What is counted of each.</param>
    private sealed record VersionResults(int ExamId, int[] Items, ItemCounts[] Counts)
    {
        public long Attempts { get; set; }

        public bool IsChange => Attempts != 0 || Array.Exists(Counts, counts => counts != default);

        public static VersionResults Of(int examId, ReadOnlySpan<AttemptItem> items)
        {
            var ids = new int[items.Length];
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = items[i].Id;
            }

            return new VersionResults(examId, ids, new ItemCounts[ids.Length]);
        }
    }

    private record struct OptionCounts(long Shown, long Chosen);

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

        public readonly ItemCounts And(in ItemCounts other) => new(
            Attempts + other.Attempts, Solved + other.Solved, Incorrect + other.Incorrect, MissedSome + other.MissedSome, Unanswered + other.Unanswered);
    }
}
