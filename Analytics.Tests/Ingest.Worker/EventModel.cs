using System.Globalization;
using System.Text.Json;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A small event for tests: what can differ between events of one attempt, and nothing else.</summary>
internal sealed record TestEvent
{
    public required string KeenId { get; init; }

    public required string Attempt { get; init; }

    /// <summary>keen_timestamp in seconds; null where it is missing.</summary>
    public int? Version { get; init; }

    public string? Course { get; init; } = "A course";

    public string? Exam { get; init; } = "exam";

    public string? User { get; init; }

    public bool Certification { get; init; }

    public (int Total, int Correct)? Counts { get; init; }

    /// <summary>What the counts say of incomplete and unanswered questions; null where they don't.</summary>
    public (int Incomplete, int Unanswered)? Left { get; init; }

    /// <summary>A question for each letter: c correct, i incorrect, m missed some, u unanswered, ? without a result; the number of the question is its place.
    /// A capital letter is an answer to the question before once more; a hyphen is a question that was not shown.</summary>
    public string Answers { get; init; } = "c";

    /// <summary>Which options the event names as right, by the beginning of their names.</summary>
    public string Right { get; init; } = "right";

    /// <summary>Minutes after the first of January 2018 at which the attempt started.</summary>
    public int? Start { get; init; }

    /// <summary>Seconds from the start to the last answer, where there is one; may be negative.</summary>
    public double? Seconds { get; init; }

    /// <summary>A day as <see cref="Start"/> has it.</summary>
    public static int Minutes(int year, int month, int day) =>
        (int)(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) - new DateTime(2018, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalMinutes;

    public byte[] Json()
    {
        var start = new DateTime(2018, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(Start ?? 0);
        var questions = Results().Select(answer => new
        {
            id = $"{Exam}-question-{answer.Question}",
            user_result = answer.Result,
            user_correct = answer.Result is null ? (bool?)null : answer.Result == "correct",
            options = Options(answer.Question, answer.Result, start),
        });

        var fields = new Dictionary<string, object?>
        {
            ["keen_id"] = KeenId,
            ["user_exam_id"] = Attempt,
            ["keen_timestamp"] = Version?.ToString(CultureInfo.InvariantCulture),
            ["exam_name"] = Course,
            ["base_exam_id"] = Exam,
            ["user_id"] = User,
            ["certification"] = Certification ? "true" : "false",
            ["started_at"] = Start is null ? null : Time(start),
            ["sequences"] = new
            {
                counts = Counts is { } counts
                    ? new { total = counts.Total, correct = counts.Correct, incomplete = Left?.Incomplete, unanswered = Left?.Unanswered } : null,
                questions,
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(fields);
    }

    /// <summary>The answers, each with the number of its question.</summary>
    public IEnumerable<(int Question, string? Result)> Results()
    {
        var question = 0;
        foreach (var letter in Answers)
        {
            question += char.IsUpper(letter) ? 0 : 1;
            if (letter == '-')
            {
                continue;
            }

            yield return (
                question, char.ToLowerInvariant(letter) switch { 'c' => "correct", 'i' => "incorrect", 'm' => "missed_some", 'u' => "unanswered", _ => null });
        }
    }

    private List<object> Options(int question, string? result, DateTime start)
    {
        var options = new List<object> { new { id = $"right-{question}", @checked = result == "correct", correct = IsRight("right") },
            new { id = $"wrong-{question}", @checked = result == "incorrect", correct = IsRight("wrong") } };
        if (Seconds is { } seconds)
        {
            options.Add(new { id = $"touched-{question}", @checked = (bool?)null, submitted = 1, at = Time(start.AddSeconds(seconds)) });
        }

        return options;
    }

    private bool? IsRight(string option) => Right == option ? true : null;

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What the tables must say after any order of delivery: plain sums over the messages and over each attempt's newest event.</summary>
internal static class EventModel
{
    /// <summary>The figures, one line for each row, in the form of <see cref="ReadAsync"/>.</summary>
    public static List<string> Expected(IReadOnlyList<TestEvent> all)
    {
        List<TestEvent> messages =
            [.. all.GroupBy(message => message.KeenId).SelectMany(claims =>
            claims.Where(message => message.Attempt == claims.Select(claim => claim.Attempt).Min(StringComparer.Ordinal)))];
        var newest = messages
            .GroupBy(message => message.Attempt)
            .Select(attempt => attempt.OrderBy(message => message.Version ?? 0).ThenBy(message => message.KeenId, StringComparer.Ordinal).Last())
            .ToList();
        var lines = new List<string>();
        foreach (var exam in messages.GroupBy(ExamOf))
        {
            var its = newest.Where(attempt => ExamOf(attempt) == exam.Key).ToList();
            var redelivered = exam.Count() - exam.DistinctBy(message => message.KeenId).Count();
            lines.Add($"total|{exam.Key}|{exam.Count()}|{redelivered}|{its.Count}|{its.Count(attempt => attempt.User is null)}|{its.Count(attempt => attempt.Certification)}");
            var stated = its.Where(attempt => attempt is { Counts: not null, Left: not null } && HasPlausibleCounts(attempt)).ToList();
            lines.Add($"stated|{exam.Key}|{stated.Count}|{stated.Sum(attempt => attempt.Counts!.Value.Total)}|{stated.Sum(attempt => attempt.Left!.Value.Incomplete)}|{stated.Sum(attempt => attempt.Left!.Value.Unanswered)}|{stated.Count(attempt => attempt.Left == (0, 0))}");
        }

        foreach (var exam in messages.GroupBy(ExamOf))
        {
            var (its, wrong) =
                (newest.Where(attempt => ExamOf(attempt) == exam.Key).ToList(), (Func<TestEvent, bool>)(message => !HasPlausibleCounts(message)));
            lines.Add($"implausible|{exam.Key}|{exam.Count(wrong)}|{its.Count(wrong)}|{exam.Count(message => !HasPlausibleStart(message))}|{its.Count(attempt => !HasPlausibleStart(attempt))}");
        }

        Add("score", message => message.Counts is { } counts && HasPlausibleCounts(message) ? $"{ExamOf(message)}|{counts.Total}|{counts.Correct}" : null);
        Add("start", message => message.Start is { } start && HasPlausibleStart(message) ? $"{ExamOf(message)}|{start / 15 * 15}" : null);
        Add("duration", message => message is { Start: not null, Seconds: { } seconds, Answers.Length: > 0 } && HasPlausibleStart(
            message) ? $"{ExamOf(message)}|{(seconds < 0 ? -1 : Math.Min(86_400, (int)seconds))}" : null);
        foreach (var user in newest.Where(attempt => attempt.User is not null).GroupBy(attempt => $"{attempt.Course ?? ""}|{attempt.User}"))
        {
            lines.Add($"user|{user.Key}|{user.Count()}");
        }

        foreach (var course in newest.Where(attempt => attempt.User is not null).GroupBy(attempt => attempt.Course ?? ""))
        {
            var takers = course.GroupBy(attempt => attempt.User).ToList();
            lines.Add($"users|{course.Key}|{takers.Count}|{takers.Count(taker => taker.Count() > 1)}");
        }

        AddResults(lines, newest);
        AddKeys(lines, messages);
        foreach (var attempt in newest)
        {
            lines.Add($"attempt|{attempt.Attempt}|{attempt.KeenId}|{ExamOf(attempt)}");
        }

        return [.. lines.Order(StringComparer.Ordinal)];

        void Add(string kind, Func<TestEvent, string?> key)
        {
            foreach (var row in messages.Where(message => key(message) is not null).GroupBy(message => key(message)))
            {
                lines.Add($"{kind}|{row.Key}|{row.Count()}|{newest.Count(attempt => key(attempt) == row.Key)}");
            }
        }
    }

    /// <summary>The same figures as the tables have them.</summary>
    public static async Task<List<string>> ReadAsync(ActivityDatabase database)
    {
        var lines = await database.RowsAsync("""
            with names as (select exam_id, course_id, name || '/' || base_exam_id as exam, name from exams join courses using (course_id)),
            sets as (
              select exam_version_id, exam, attempts, item_ids, (select string_agg(split_part(question_id, 'question-', 2), ' ' order by split_part(question_id, 'question-', 2)::int) from items where item_id = any(item_ids)) as set
              from exam_versions join names using (exam_id))
            select concat_ws('|', 'total', exam, messages, redeliveries, attempts, unnamed_attempts, certifications) from exam_totals join names using (exam_id)
            union all select concat_ws('|', 'score', exam, total, correct, messages, attempts) from exam_scores join names using (exam_id)
            union all select concat_ws('|', 'start', exam, (extract(epoch from quarter - '2018-01-01Z') / 60)::int, messages, attempts) from exam_starts join names using (exam_id)
            union all select concat_ws('|', 'duration', exam, seconds, messages, attempts) from exam_durations join names using (exam_id)
            union all select concat_ws('|', 'implausible', exam, implausible_count_messages, implausible_count_attempts, implausible_start_messages, implausible_start_attempts) from exam_totals join names using (exam_id)
            union all select concat_ws('|', 'stated', exam, stated_attempts, stated_questions, incomplete_questions, unanswered_questions, complete_attempts) from exam_totals join names using (exam_id)
            union all select concat_ws('|', 'users', name, users, repeat_takers) from course_user_totals join courses using (course_id) where users > 0
            union all select concat_ws('|', 'result', exam, questions, correct, attempts) from exam_results join names using (exam_id) where attempts > 0
            union all select concat_ws('|', 'item', exam, split_part(question_id, 'question-', 2), questions, correct, attempts, solved, incorrect, missed_some, unanswered) from item_results join items using (item_id) join names using (exam_id) where attempts > 0
            union all select concat_ws('|', 'option', exam, option_id, shown, chosen) from item_option_choices join item_options using (item_option_id) join items using (item_id) join names using (exam_id) where shown > 0
            union all select concat_ws('|', 'version', exam, set, attempts) from sets where attempts > 0
            union all select concat_ws('|', 'version item', exam, set, split_part(question_id, 'question-', 2), correct, kept.attempts, solved[i], incorrect[i], missed_some[i], unanswered[i]) from exam_version_results kept join sets using (exam_version_id), generate_subscripts(item_ids, 1) i, items where item_id = item_ids[i] and kept.attempts > 0
            union all select concat_ws('|', 'version option', exam, set, option_id, choices.shown, choices.chosen) from exam_version_choices kept join sets using (exam_version_id) cross join unnest(kept.item_option_ids, kept.shown, kept.chosen) choices (item_option_id, shown, chosen) join item_options using (item_option_id) where choices.shown > 0
            union all select concat_ws('|', 'key', exam, split_part(question_id, 'question-', 2), split_part(option_id, '-', 1)) from item_options join items using (item_id) join names using (exam_id) where is_correct
            union all select concat_ws('|', 'user', name, user_id, attempts) from course_users join courses using (course_id) where attempts > 0
            union all select concat_ws('|', 'attempt', user_exam_id, keen_id, exam) from attempts join names using (exam_id)
            """);
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>Each question by itself, and each attempt by how many questions it was shown and solved.</summary>
    private static void AddResults(List<string> lines, List<TestEvent> newest)
    {
        var results = newest.Where(attempt => attempt.Answers.Length > 0).Select(attempt =>
        {
            var items = attempt.Results().GroupBy(answer => answer.Question).Select(
                answers => (Question: answers.Key, Results: answers.Select(answer => answer.Result).ToList())).ToList();
            return (Exam: ExamOf(attempt), Set: SetOf(attempt), Items: items, Solved: items.Count(item => item.Results.All(result => result == "correct")));
        }).ToList();
        lines.AddRange(results.GroupBy(result => $"{result.Exam}|{result.Items.Count}|{result.Solved}").Select(its => $"result|{its.Key}|{its.Count()}"));
        lines.AddRange(results.GroupBy(result => $"{result.Exam}|{result.Set}").Select(its => $"version|{its.Key}|{its.Count()}"));
        lines.AddRange(results
            .SelectMany(result => result.Items.SelectMany(item => (IEnumerable<(string Key, List<string?> Results)>)
            [
                ($"item|{result.Exam}|{item.Question}|{result.Items.Count}|{result.Solved}", item.Results),
                ($"version item|{result.Exam}|{result.Set}|{item.Question}|{result.Solved}", item.Results),
            ]))
            .GroupBy(item => item.Key, item => item.Results)
            .Select(its => $"{its.Key}|{its.Count()}|{its.Count(answers => answers.All(answer => answer == "correct"))}|{its.Count(answers => answers.Contains("incorrect"))}|{its.Count(answers => answers.Contains("missed_some"))}|{its.Count(answers => answers.Contains("unanswered"))}"));
        lines.AddRange(newest
            .SelectMany(attempt => attempt.Results().SelectMany(answer => (IEnumerable<(string Name, bool Chosen)>)
            [
                ($"right-{answer.Question}", answer.Result == "correct"),
                ($"wrong-{answer.Question}", answer.Result == "incorrect"),
                .. attempt.Seconds is null ? [] : (IEnumerable<(string, bool)>)[($"touched-{answer.Question}", false)],
            ]).SelectMany(option => (IEnumerable<(string Key, bool Chosen)>)
            [
                ($"option|{ExamOf(attempt)}|{option.Name}", option.Chosen),
                ($"version option|{ExamOf(attempt)}|{SetOf(attempt)}|{option.Name}", option.Chosen),
            ]))
            .GroupBy(option => option.Key, option => option.Chosen)
            .Select(option => $"{option.Key}|{option.Count()}|{option.Count(chosen => chosen)}"));
    }

    /// <summary>The questions that an attempt was shown: its exam's version.</summary>
    private static string SetOf(TestEvent attempt) => string.Join(' ', attempt.Results().Select(answer => answer.Question).Distinct().Order());

    /// <summary>Of each question the right options, as its newest event says that names any.</summary>
    private static void AddKeys(List<string> lines, IReadOnlyList<TestEvent> messages) => lines.AddRange(messages
        .Where(message => message.Right is "right" or "wrong")
        .SelectMany(message => message.Results().Select(answer => (Question: $"{ExamOf(message)}|{answer.Question}", Event: message)))
        .GroupBy(shown => shown.Question, shown => shown.Event)
        .Select(shown =>
            $"key|{shown.Key}|{shown.OrderBy(message => message.Version ?? 0).ThenBy(message => message.KeenId, StringComparer.Ordinal).Last().Right}"));

    // Not negative, no part over the whole, and no more questions than an attempt has places for.
    private static bool HasPlausibleCounts(TestEvent message) =>
        message.Counts is not { } counts
        || (counts.Total is >= 0 and <= 32767
            && new[] { counts.Correct, message.Left?.Incomplete ?? 0, message.Left?.Unanswered ?? 0 }.All(part => part >= 0 && part <= counts.Total));

    // From 2000 on; at most a day after today, and a year after the event where that tells its own time.
    private static bool HasPlausibleStart(TestEvent message)
    {
        if (message.Start is not { } minutes)
        {
            return true;
        }

        var start = new DateTimeOffset(2018, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes);
        var own = DateTimeOffset.FromUnixTimeSeconds(message.Version ?? 0);
        return start.Year >= 2000 && start <= DateTimeOffset.UtcNow.AddDays(1) && (own.Year < 2000 || start <= own.AddDays(366));
    }

    private static string ExamOf(TestEvent message) => $"{message.Course ?? ""}/{message.Exam ?? ""}";
}
