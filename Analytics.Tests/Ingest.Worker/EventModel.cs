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

    /// <summary>Minutes after the first of January 2018 at which the attempt started.</summary>
    public int? Start { get; init; }

    /// <summary>Seconds from the start to the last answer; may be negative.</summary>
    public double? Seconds { get; init; }

    public byte[] Json()
    {
        var start = new DateTime(2018, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(Start ?? 0);
        var options = new List<object> { new { id = $"{Exam}-option", @checked = true, correct = Certification } };
        if (Seconds is { } seconds)
        {
            options.Add(new { id = $"{Exam}-answer", @checked = false, submitted = 1, at = Time(start.AddSeconds(seconds)) });
        }

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
                counts = Counts is { } counts ? new { total = counts.Total, correct = counts.Correct } : null,
                questions = new[] { new { id = $"{Exam}-question", user_result = "correct", options } },
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(fields);
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What the tables must say after any order of delivery: plain sums over the messages and over each attempt's newest event.</summary>
internal static class EventModel
{
    /// <summary>The figures, one line for each row, in the form of <see cref="ReadAsync"/>.</summary>
    public static List<string> Expected(IReadOnlyList<TestEvent> messages)
    {
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
        }

        Add("score", message => message.Counts is { } counts ? $"{ExamOf(message)}|{counts.Total}|{counts.Correct}" : null);
        Add("start", message => message.Start is { } start ? $"{ExamOf(message)}|{start / 15 * 15}" : null);
        Add("duration", message => message is { Start: not null, Seconds: { } seconds } ? $"{ExamOf(message)}|{(seconds < 0 ? -1 : Math.Min(86_400, (int)seconds))}" : null);
        foreach (var user in newest.Where(attempt => attempt.User is not null).GroupBy(attempt => $"{attempt.Course ?? ""}|{attempt.User}"))
        {
            lines.Add($"user|{user.Key}|{user.Count()}");
        }

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
            with names as (select exam_id, course_id, name || '/' || base_exam_id as exam, name from exams join courses using (course_id))
            select concat_ws('|', 'total', exam, messages, redeliveries, attempts, unnamed_attempts, certifications) from exam_totals join names using (exam_id)
            union all select concat_ws('|', 'score', exam, total, correct, messages, attempts) from exam_scores join names using (exam_id)
            union all select concat_ws('|', 'start', exam, (extract(epoch from quarter - '2018-01-01Z') / 60)::int, messages, attempts) from exam_starts join names using (exam_id)
            union all select concat_ws('|', 'duration', exam, seconds, messages, attempts) from exam_durations join names using (exam_id)
            union all select concat_ws('|', 'user', name, user_id, attempts) from course_users join courses using (course_id) where attempts > 0
            union all select concat_ws('|', 'attempt', user_exam_id, keen_id, exam) from attempts join names using (exam_id)
            """);
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static string ExamOf(TestEvent message) => $"{message.Course ?? ""}/{message.Exam ?? ""}";
}
