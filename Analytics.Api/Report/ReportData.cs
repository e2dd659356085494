using Analytics.Api.Attempts;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Questions;
using Analytics.Api.Scores;
using Analytics.Api.Summary;

namespace Analytics.Api.Report;

/// <summary>The first figures one looks for, over attempts.</summary>
internal sealed record Headline(long Attempts, long Students, double? MeanScore, double? PassRate);

/// <summary>Every figure of a report, all of one snapshot and each made by the query that the REST API answers with.</summary>
internal sealed record ReportData
{
    private const int Bins = 10;

    // A longer range is asked for by month.
    private const int MostDays = 4_000;

    public required Filter Filter { get; init; }

    /// <summary>Everything, whatever the filter.</summary>
    public required Summary.Summary Everything { get; init; }

    /// <summary>Every course by name, whatever the filter.</summary>
    public required IReadOnlyList<Course> Known { get; init; }

    /// <summary>The course asked for, whatever else the filter says; null for all.</summary>
    public required Course? Course { get; init; }

    /// <summary>The courses that were taken within the filter's days, by its student and takes, the most popular first.</summary>
    public required IReadOnlyList<Course> Courses { get; init; }

    public required Headline Headline { get; init; }

    public required ScoreDistribution Scores { get; init; }

    public required Durations Durations { get; init; }

    /// <summary>Starts by day or, where that would be thousands, by month.</summary>
    public required StartSeries Starts { get; init; }

    public required StartSeries HoursOfDay { get; init; }

    public required StartSeries Weekdays { get; init; }

    /// <summary>The item analysis of the course's exams, the most taken first, whatever exam the filter names; empty without a course.</summary>
    public required IReadOnlyList<ExamAnalysis> Exams { get; init; }

    /// <summary>The saved queries that the report shows.</summary>
    public IReadOnlyList<SavedOnReport> Saved { get; init; } = [];

    /// <summary>The exam whose questions are shown.</summary>
    public ExamAnalysis? Exam => Filter.Exam is null ? (Exams.Count > 0 ? Exams[0] : null) : Exams.FirstOrDefault(exam => exam.BaseExamId == Filter.Exam);

    /// <summary>Where the course stands among all by popularity, from 1; null where it was not taken.</summary>
    public int? Rank =>
        Courses.Select((course, index) => (course, index)).FirstOrDefault(place => place.course.Slug == Course?.Slug) is { course: not null, index: var index }
        ? index + 1
        : null;

    /// <summary>Reads the figures.</summary>
    /// <returns>The figures, or a sentence if the filter names what is not there.</returns>
    public static async Task<(ReportData? Data, string? Unknown)> ReadAsync(
        HttpContext context, ActivityDatabase database, Filter filter, CancellationToken cancellationToken)
    {
        var byDay = (filter.To?.DayNumber - filter.From?.DayNumber ?? 0) < MostDays;
        var isAboutAll = filter.Parts == FilterParts.None;
        var ofAll = Filter.Everything with { PassMark = filter.PassMark };
        var ofAllCourses = filter with { Course = null, Exam = null, Version = null };
        var known = Filters.Known.Check(filter);
        var everything = SummaryQuery.Of(ofAll);
        var allCourses = CourseQuery.All(ofAll);
        var within = isAboutAll ? null : SummaryQuery.Of(filter);
        var courses = ofAllCourses.Parts == FilterParts.None ? null : CourseQuery.All(ofAllCourses);
        var scores = ScoreQuery.Of(filter, Counting.Attempts, Bins);
        var durations = DurationQuery.Of(filter, Counting.Attempts);
        var starts = StartQuery.Of(byDay ? Period.Day : Period.Month, filter, Counting.Attempts);
        var hours = StartQuery.Of(Period.HourOfDay, filter, Counting.Attempts);
        var weekdays = StartQuery.Of(Period.Weekday, filter, Counting.Attempts);
        var questions = filter.Course is null ? null : QuestionQuery.Of(filter with { Exam = null });

        await using var reader = await database.QueryAsync(
            context, [.. ((Query?[])[known, everything, allCourses, within, courses, scores, durations, starts, hours, weekdays, questions]).OfType<Query>()],
            cancellationToken);
        if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
        {
            return (null, unknown);
        }

        var summary = await everything.ReadAsync(reader, cancellationToken);
        var all = await allCourses.ReadAsync(reader, cancellationToken);
        var headline = await AnswerAsync(within) ?? summary;
        var taken = await AnswerAsync(courses) ?? all;
        return (new ReportData
        {
            Filter = filter,
            Everything = summary,
            Known = [.. CourseOrder.Sort(all, "name")],
            Course = all.FirstOrDefault(candidate => candidate.Slug == filter.Course),
            Courses = [.. CourseOrder.Sort(taken.Where(one => one.Attempts > 0), CourseOrder.Default)],
            Headline = new Headline(headline.Attempts, headline.Students, headline.MeanScore, headline.PassRate),
            Scores = await scores.ReadAsync(reader, cancellationToken),
            Durations = await durations.ReadAsync(reader, cancellationToken),
            Starts = await starts.ReadAsync(reader, cancellationToken),
            HoursOfDay = await hours.ReadAsync(reader, cancellationToken),
            Weekdays = await weekdays.ReadAsync(reader, cancellationToken),
            Exams = questions is null ? [] : [.. (await questions.ReadAsync(reader, cancellationToken)).Exams.OrderByDescending(exam => exam.Attempts)],
        }, null);

        async Task<T?> AnswerAsync<T>(Query<T>? query) where T : class => query is null ? null : await query.ReadAsync(reader, cancellationToken);
    }
}
