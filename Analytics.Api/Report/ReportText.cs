using System.Globalization;
using System.Text;
using Analytics.Api.Courses;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Questions;
using Analytics.Api.Scores;
using Analytics.Api.Shapes;

namespace Analytics.Api.Report;

/// <summary>The report as text in Markdown, and the words that the page has in common with it.</summary>
internal static class ReportText
{
    public const string DeadLettersTitle = "Records that are no events";
    public const string NoStarts = "No attempt has a start.";

    public static string Render(ReportData data, DateTimeOffset made)
    {
        var text = new StringBuilder();
        Line($"# {MarkdownText.Escape(Title(data))}");
        Line(PeriodOf(data));
        if (data.Everything.Messages == 0)
        {
            Line("Nothing has been taken yet. Send events to /api/events, or publish a file to Kafka.");
            DeadLetters();
            return text.ToString();
        }

        Table(["Figure", "", "Note"], Headline(data).Select(tile => (string[])[tile.Name, tile.Figure, tile.Note]));
        if (data.Headline.Attempts == 0)
        {
            Line("No attempt started in this period.");
        }
        else
        {
            if (data.Starts.Total > 0)
            {
                Chart("Period", ReportCharts.OverTime(data.Starts));
                Chart("Hour", ReportCharts.HoursOfDay(data.HoursOfDay));
                Chart("Weekday", ReportCharts.Weekdays(data.Weekdays));
            }

            if (data.Scores.Scored > 0)
            {
                Chart("Score", ReportCharts.Scores(data.Scores, (double)data.Filter.PassMark));
                Table(["Score", ""], Spread(data.Scores).Select(figure => (string[])[figure.Name, figure.Figure]));
            }
        }

        if (data.Course is null && data.Courses.Count > 0)
        {
            Line("## Courses by popularity");
            Table(
                ["Course", "Students", "Mean score", "Passed"],
                data.Courses.Select(
                    course => (string[])[Name(course), Wording.Count(course.Students), Wording.Percent(course.MeanScore), Wording.Percent(course.PassRate)]));
        }

        if (data.Exam is { } exam)
        {
            Line($"## Questions of exam {MarkdownText.Escape(exam.BaseExamId)}");
            Line(ExamSentence(exam));
            Table(
                ["Question", "Attempts", "Correct", "Discrimination", "Verdict", "Rule"],
                exam.Questions.Select(question => (string[])
                    [ItemName.Of(question.QuestionId, question.Text), Wording.Count(question.Attempts), Wording.Percent(question.Facility), Wording.Coefficient(question.ItemRest),
                        question.Verdict, question.Rule]));
            Line($"{QuestionSection.Meaning}");
        }

        foreach (var saved in data.Saved)
        {
            Line($"## {MarkdownText.Escape(saved.Query.Title)}");
            Line(saved.Complaint is { } complaint ? MarkdownText.Escape(complaint) : string.Concat(TextTables.Markdown(saved.Answer!.Rows)).TrimEnd());
        }

        DeadLetters();
        Line(string.Create(CultureInfo.InvariantCulture, $"Made {made.UtcDateTime:d MMM yyyy HH:mm} UTC from {Wording.Count(data.Everything.Messages)} messages. Passed means a score over {PassMark(data)} %."));
        return text.ToString();

        void DeadLetters()
        {
            if (data.Course is null && data.Everything.DeadLetters > 0)
            {
                Line($"## {DeadLettersTitle}");
                Line($"{DeadLettersSentence(data)} They are at /api/dead-letters.");
                Table(["Reason", "Records"], data.Everything.DeadLetterReasons.Select(reason => (string[])[reason.Reason, Wording.Count(reason.Count)]));
            }
        }

        void Line(string line) => text.Append(line).Append("\n\n");

        void Chart(string heading, ColumnChart chart)
        {
            Line($"## {chart.Title}");
            Line(chart.Description);
            Table([heading, "Attempts"], chart.Columns.Select(column => (string[])[column.Label, Wording.Count(column.Value)]));
        }

        void Table(string[] headings, IEnumerable<string[]> rows)
        {
            var cells = rows.ToArray();
            Row(headings);
            Row(headings.Select((_, column) => column > 0 && cells.All(row => IsNumber(row[column])) ? "---:" : "---"));
            foreach (var row in cells)
            {
                Row(row.Select(MarkdownText.Escape));
            }

            text.Append('\n');
        }

        void Row(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    public static string Title(ReportData data) => data.Course is { } course ? Name(course) : "All courses";

    public static string Name(Course course) => course.Name.Length == 0 ? "(no name)" : course.Name;

    /// <summary>The pass mark as a person writes it.</summary>
    public static string PassMark(ReportData data) => data.Filter.PassMark.ToString(CultureInfo.InvariantCulture);

    /// <summary>The first group of a UUID, and as much of other ids.</summary>
    public static string Short(string id) => id.Length > 8 ? $"{id[..8]}…" : id;

    /// <summary>Which period the figures are about.</summary>
    public static string PeriodOf(ReportData data)
    {
        var implausible = data.Starts.ImplausibleStarts == 0 ? ""
            : $" {Wording.Counted(data.Starts.ImplausibleStarts, "attempt states a start", "attempts state starts")} that can’t be.";
        if (data.Starts.Periods.Count == 0)
        {
            return $"{NoStarts}{implausible}";
        }

        var (from, to) = (data.Filter.From ?? DayOf(data.Starts.Periods[0].Period), data.Filter.To ?? DayOf(data.Starts.Periods[^1].Period));
        var days = $"{Wording.Day(from)} – {Wording.Day(to)}";
        var which = data.Filter is { From: null, To: null } ? "All attempts," : "Attempts that started";
        return $"{which} {days} ({data.Starts.Tz}){Further(data.Filter)}{(implausible.Length > 0 ? $".{implausible}" : "")}";

        // Days and months are labelled as ISO 8601 has them.
        static DateOnly DayOf(string period) => DateOnly.ParseExact(period.Length == 7 ? $"{period}-01" : period, "O", CultureInfo.InvariantCulture);
    }

    // What the filter says beside course and days.
    private static string Further(Filter filter) => string.Concat(((string?[])
    [
        filter.Exam is null ? null : $"; exam {filter.Exam}",
        filter.Version is null ? null : $"; version {filter.Version}",
        filter.User is null ? null : $"; student {filter.User}",
        filter.Take == Take.All ? null : $"; of each student at each exam the {filter.Take.ToString().ToLowerInvariant()} attempt",
    ]).OfType<string>());

    /// <summary>The first figures, each with a word on it.</summary>
    public static IEnumerable<(string Name, string Figure, string Note)> Headline(ReportData data)
    {
        var (scores, durations) = (data.Scores, data.Durations);
        yield return ("Attempts", Wording.Count(data.Headline.Attempts), data.Filter is not { From: null, To: null } ? "started in the period"
            : data.Filter.NeedsRows(FilterParts.Course) ? $"of {Wording.Count(data.Everything.Attempts)}"
            : data.Course is { } course ? $"in {Wording.Count(course.Messages)} messages"
            : $"in {Wording.Count(data.Everything.Messages)} messages, {Wording.Count(data.Everything.Redeliveries)} of them redelivered");
        yield return ("Students", Wording.Count(data.Headline.Students), data.Course is null ? $"of {Wording.Counted(data.Courses.Count, "course", "courses")}"
            : data.Rank is { } rank ? $"number {rank} of {data.Courses.Count} courses" : "");
        yield return ("Mean score", Wording.Percent(data.Headline.MeanScore), scores.Scored == 0 ? "nobody has a score"
            : $"half score {Wording.PlainPercent(scores.Median)} or more");
        yield return ("Passed", Wording.Percent(data.Headline.PassRate), $"score over {PassMark(data)} %");
        yield return ("Time taken", Wording.Minutes(durations.Median), durations.Measured == 0 ? "nobody’s is known"
            : $"the median; the mean is {Wording.Minutes(durations.Mean)}");
    }

    /// <summary>How many records were put aside, and which of their reasons are shown.</summary>
    public static string DeadLettersSentence(ReportData data)
    {
        var (letters, shown) = (data.Everything.DeadLetters, data.Everything.DeadLetterReasons);
        return $"{Wording.Counted(letters, "record is kept whole, and counts", "records are kept whole, and count")} in no figure."
            + (shown.Sum(reason => reason.Count) < letters ? $" The {shown.Count} most frequent reasons:" : "");
    }

    /// <summary>How the scores spread.</summary>
    public static IEnumerable<(string Name, string Figure)> Spread(ScoreDistribution scores) =>
    [
        ("Scored", $"{Wording.Count(scores.Scored)} of {Wording.Count(scores.Scored + scores.Unscored)}"),
        .. (scores.ImplausibleCounts == 0 ? [] : ((string, string)[])[("With counts that can’t be", Wording.Count(scores.ImplausibleCounts))]),
        ("Mean", Wording.Percent(scores.Mean)),
        ("Standard deviation", Wording.Points(scores.StandardDeviation)), ("Lowest", Wording.Percent(scores.Minimum)),
        ("Lower quartile", Wording.Percent(scores.LowerQuartile)),
        ("Median", Wording.Percent(scores.Median)), ("Upper quartile", Wording.Percent(scores.UpperQuartile)), ("Highest", Wording.Percent(scores.Maximum)),
    ];

    /// <summary>How far an exam can be relied on.</summary>
    public static string ExamSentence(ExamAnalysis exam) =>
        exam.Questions.Count == 0 ? exam.Reason ?? ""
        : $"{Wording.Counted(exam.Questions.Count, "question", "questions")}, {Wording.Counted(exam.Attempts, "attempt", "attempts")}. "
            + (exam.Alpha is null ? $"No reliability can be given: {exam.Reason}"
                : $"Reliability (Cronbach’s alpha) {Wording.Coefficient(exam.Alpha)}, standard error of a score {Wording.Points(exam.StandardError)} points.")
            + VersionSentence(exam);

    private static string VersionSentence(ExamAnalysis exam)
    {
        if (exam.Versions.Count < 2)
        {
            return "";
        }

        var versions = $" The exam has {(exam.HasMoreVersions ? "more than " : "")}{exam.Versions.Count} versions (sets of questions);";
        return exam.Version is null
            ? $"{versions} none has more than a third of the attempts, so these figures are about the exam as a whole."
            : $"{versions} reliability and discrimination are about the one that {Wording.Count(exam.Complete)} of {Wording.Count(exam.Attempts)} attempts had, the rest about all.";
    }

    private static bool IsNumber(string cell) => cell.Length > 0 && (char.IsAsciiDigit(cell[^1]) || cell[^1] is '%' or '–');
}
