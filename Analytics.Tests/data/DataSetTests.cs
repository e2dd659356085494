using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Data.Generator;

namespace Analytics.Tests.Data;

/// <summary>Derives every published figure anew, from the file and from the facts' files, without the generator's code.</summary>
public sealed class DataSetTests : IClassFixture<DataSetFile>
{
    private readonly JsonElement[] _messages;
    private readonly JsonElement[] _attempts;
    private readonly Dictionary<string, string> _figures;

    public DataSetTests(DataSetFile file)
    {
        _messages = file.Messages;
        _attempts = [.. _messages.DistinctBy(UserExamId)];
        _figures = DataSetFile.Facts("figures.csv").ToDictionary(row => row[0], row => row[1]);
    }

    [Fact]
    public void Messages_ids_and_redeliveries_are_as_published()
    {
        Figure("messages", _messages.Length);
        Figure("keen_ids", _messages.Select(message => Text(message, "keen_id")).Distinct().Count());
        Figure("user_exam_ids", _attempts.Length);
        int[] deliveries = [.. _messages.CountBy(UserExamId).Select(attempt => attempt.Value)];
        Figure("user_exam_ids_seen_once", deliveries.Count(times => times == 1));
        Figure("user_exam_ids_seen_more_than_once", deliveries.Count(times => times > 1));
        Figure("messages_of_those_seen_more_than_once", deliveries.Where(times => times > 1).Sum());
        Figure("courses", _messages.Select(ExamName).Distinct().Count());
        Figure("base_exam_ids", _messages.Select(message => Text(message, "base_exam_id")).Distinct().Count());
        Figure("attempts_of_introduction_to_python_under_one_id", _attempts.Where(attempt => ExamName(attempt) == "Introduction to Python")
            .CountBy(attempt => Text(attempt, "base_exam_id")).Max(id => id.Value));
    }

    [Fact]
    public void A_redelivered_message_repeats_its_event_byte_for_byte() =>
        Assert.All(_messages.GroupBy(UserExamId), attempt => Assert.Single(attempt.Select(message => message.GetRawText()).Distinct()));

    [Fact]
    public void Every_course_is_as_published()
    {
        var courses = 0;
        foreach (var row in DataSetFile.Facts("exam-counts.csv"))
        {
            JsonElement[] messages = [.. _messages.Where(message => ExamName(message) == row[0])];
            int[] deliveries = [.. messages.CountBy(UserExamId).Select(attempt => attempt.Value)];
            JsonElement[] counts = [.. messages.Select(Counts).OfType<JsonElement>()];
            Assert.Equal<string[]>(
                row,
                [
                    row[0],
                    Whole(messages.Length),
                    Whole(deliveries.Length),
                    Whole(deliveries.Count(times => times > 1)),
                    Whole(messages.Select(message => Text(message, "base_exam_id")).Distinct().Count()),
                    Whole(messages.Select(message => Questions(message).Length).Distinct().Single()),
                    counts.Length == 0 ? "" : Whole(counts.Sum(count => count.GetProperty("correct").GetInt32())),
                    counts.Length == 0 ? "" : Whole(counts.Sum(count => count.GetProperty("total").GetInt32())),
                ]);
            var times = row[0] == "Intermediate Python Programming" ? 2 : 3;
            Assert.All(deliveries, delivered => Assert.True(delivered == 1 || delivered == times));
            courses++;
        }

        Figure("courses", courses);
    }

    [Fact]
    public void Scores_are_as_published()
    {
        double[] scores = [.. _messages.Select(Score).OfType<double>()];
        Figure("messages_with_counts", scores.Length);
        var mean = scores.Average();
        Figure("mean_score_percent", mean, decimals: 4);
        Figure("standard_deviation_of_score_percent", Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / (scores.Length - 1)), decimals: 4);
        Figure("attempts_over_70_percent", _attempts.Count(attempt => Score(attempt) > 70));
    }

    [Fact]
    public void Times_are_as_published()
    {
        Figure("mean_minutes_to_last_answer", _messages.Select(Minutes).OfType<double>().Average(), decimals: 4);
        Figure("mean_minutes_to_last_answer", _attempts.Select(Minutes).OfType<double>().Average(), decimals: 4);
        var hours = _messages.CountBy(message => Time(message, "started_at").Hour).OrderByDescending(hour => hour.Value).ToArray();
        Figure("most_popular_hour_utc", hours[0].Key);
        Figure("messages_in_most_popular_hour", hours[0].Value);
        Assert.NotEqual(hours[0].Value, hours[1].Value);
        Assert.Equal(_figures["first_day"], _messages.Min(message => Time(message, "started_at")).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(_figures["last_day"], _messages.Max(message => Time(message, "started_at")).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Nobody_took_an_exam_for_certification()
    {
        Assert.All(_messages, message => Assert.Equal("false", Text(message, "certification")));
        Assert.All(_messages, message => Assert.Equal("1.0", Text(message, "max_attempts")));
    }

    [Fact]
    public void The_events_without_counts_have_no_questions_and_an_id_that_is_no_UUID()
    {
        JsonElement[] without = [.. _messages.Where(message => Counts(message) is null)];

        Figure("records_without_counts", without.Length);
        Assert.All(without, message => Assert.Equal(("example-id", 0), (Text(message, "base_exam_id"), Questions(message).Length)));
        Assert.All(_messages.Except(without), message => Assert.True(Guid.TryParse(Text(message, "base_exam_id"), out _)));
    }

    [Fact]
    public void Every_answer_agrees_with_its_options_and_with_the_counts()
    {
        foreach (var message in _messages.Where(message => Counts(message) is not null))
        {
            var results = new List<string>();
            foreach (var question in Questions(message))
            {
                var result = Result(question);
                Assert.Equal(result, Text(question, "user_result"));
                Assert.Equal(result == "correct", question.GetProperty("user_correct").GetBoolean());
                Assert.Equal(result == "missed_some", question.GetProperty("user_incomplete").GetBoolean());
                Assert.Equal(result != "unanswered", question.GetProperty("user_submitted").GetBoolean());
                results.Add(result);
            }

            var counts = Counts(message)!.Value;
            Assert.Equal(results.Count, counts.GetProperty("total").GetInt32());
            Assert.Equal(results.Count(result => result == "correct"), counts.GetProperty("correct").GetInt32());
            Assert.Equal(results.Count(result => result == "incorrect"), counts.GetProperty("incorrect").GetInt32());
            Assert.Equal(results.Count(result => result == "missed_some"), counts.GetProperty("incomplete").GetInt32());
            Assert.Equal(results.Count(result => result == "unanswered"), counts.GetProperty("unanswered").GetInt32());
            Assert.Equal(results.Count(result => result != "unanswered"), counts.GetProperty("submitted").GetInt32());
            Assert.Equal(results.All(result => result == "correct"), counts.GetProperty("all_correct").GetBoolean());
        }
    }

    [Fact]
    public void An_event_is_recorded_after_its_last_answer_and_its_id_begins_with_that_second()
    {
        foreach (var message in _messages)
        {
            var recorded = decimal.Parse(Text(message, "keen_timestamp"), CultureInfo.InvariantCulture);
            var last = LastAnswer(message) ?? Time(message, "started_at");
            Assert.True(recorded > (decimal)(last - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond);
            Assert.Equal((long)recorded, long.Parse(Text(message, "keen_id")[..8], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.Equal(24, Text(message, "keen_id").Length);
            Assert.Equal(Text(message, "keen_timestamp"), Text(message, "keen_created_at"));
        }
    }

    [Fact]
    public void Questions_of_a_course_are_not_equally_hard()
    {
        var shares = _messages.Where(message => ExamName(message) == "Learning Git").SelectMany(Questions)
            .GroupBy(question => Text(question, "id")).Select(
                group => group.Average(question => Text(question, "user_result") == "correct" ? 1.0 : 0)).ToArray();

        Assert.Equal(5, shares.Length);
        Assert.True(shares.Max() - shares.Min() > 0.2);
    }

    [Fact]
    public void The_file_is_what_the_generator_writes()
    {
        var written = new MemoryStream();
        DataSet.Write(written);

        Assert.True(written.ToArray().AsSpan().SequenceEqual(DataSetFile.Uncompressed()));
    }

    private static string Result(JsonElement question)
    {
        bool isTouched = false, isWrong = false, isMissing = false;
        foreach (var option in question.GetProperty("options").EnumerateArray())
        {
            var isChecked = option.GetProperty("checked").GetBoolean();
            var isRight = option.TryGetProperty("correct", out var correct) && correct.GetBoolean();
            isTouched |= isChecked;
            isWrong |= isChecked && !isRight;
            isMissing |= isRight && !isChecked;
            Assert.Equal(isChecked, option.TryGetProperty("submitted", out var submitted) && submitted.GetInt32() == 1);
            Assert.True(!isChecked || option.TryGetProperty("at", out _));
        }

        return !isTouched ? "unanswered" : isWrong ? "incorrect" : isMissing ? "missed_some" : "correct";
    }

    private void Figure(string name, int actual) => Assert.Equal(_figures[name], Whole(actual));

    private void Figure(string name, double actual, int decimals) =>
        Assert.Equal(_figures[name], actual.ToString("F" + Whole(decimals), CultureInfo.InvariantCulture));

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string UserExamId(JsonElement message) => Text(message, "user_exam_id");

    private static string ExamName(JsonElement message) => Text(message, "exam_name");

    private static DateTime Time(JsonElement element, string name) => element.GetProperty(name).GetDateTimeOffset().UtcDateTime;

    private static JsonElement? Counts(JsonElement message) =>
        message.GetProperty("sequences").TryGetProperty("counts", out var counts) ? counts : null;

    private static JsonElement[] Questions(JsonElement message) =>
        message.GetProperty("sequences").TryGetProperty("questions", out var questions) ? [.. questions.EnumerateArray()] : [];

    private static double? Score(JsonElement message) =>
        Counts(message) is { } counts ? 100.0 * counts.GetProperty("correct").GetInt32() / counts.GetProperty("total").GetInt32() : null;

    private static DateTime? LastAnswer(JsonElement message) => Questions(message)
        .SelectMany(question => question.GetProperty("options").EnumerateArray())
        .Where(option => option.TryGetProperty("at", out _))
        .Select(option => (DateTime?)Time(option, "at"))
        .Max();

    private static double? Minutes(JsonElement message) => (LastAnswer(message) - Time(message, "started_at"))?.TotalMinutes;
}

/// <summary>The data set and its facts as they lie in the repository.</summary>
public sealed class DataSetFile
{
    public JsonElement[] Messages { get; } = [.. JsonDocument.Parse(Uncompressed()).RootElement.EnumerateArray()];

    public static byte[] Uncompressed()
    {
        using var gzip = new GZipStream(File.OpenRead(Path.Combine(Folder, "assessment-attempts.json.gz")), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The rows of a file of facts; only a course's name may be quoted.</summary>
    public static IEnumerable<string[]> Facts(string file) => File.ReadLines(Path.Combine(Folder, "facts", file)).Skip(1)
        .Select(line => line.StartsWith('"') ? [line[1..line.LastIndexOf('"')], .. line[(line.LastIndexOf('"') + 2)..].Split(',')] : line.Split(','));

    private static string Folder { get; } = Path.Combine(Repository.Root, "data");
}
