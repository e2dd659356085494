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
    /// <summary>Percent that a score must be over to pass.</summary>
    public const int PassMark = 70;

    private const int Bins = 10;

    // A longer range is asked for by month.
    private const int MostDays = 4_000;

    public required ReportFilter Filter { get; init; }

    /// <summary>Everything, whatever the filter.</summary>
    public required Summary.Summary Everything { get; init; }

    /// <summary>Every course by name, whatever the filter.</summary>
    public required IReadOnlyList<Course> Known { get; init; }

    /// <summary>The course asked for, whatever the dates; null for all.</summary>
    public required Course? Course { get; init; }

    /// <summary>The courses that were taken within the dates, the most popular first.</summary>
    public required IReadOnlyList<Course> Courses { get; init; }

    public required Headline Headline { get; init; }

    public required ScoreDistribution Scores { get; init; }

    public required Durations Durations { get; init; }

    /// <summary>Starts by day or, where that would be thousands, by month.</summary>
    public required StartSeries Starts { get; init; }

    public required StartSeries HoursOfDay { get; init; }

    public required StartSeries Weekdays { get; init; }

    /// <summary>The item analysis of the course's exams, the most taken first, over all dates; empty without a course.</summary>
    public required IReadOnlyList<ExamAnalysis> Exams { get; init; }

    /// <summary>The exam whose questions are shown.</summary>
    public ExamAnalysis? Exam => Filter.Exam is null ? (Exams.Count > 0 ? Exams[0] : null) : Exams.FirstOrDefault(exam => exam.BaseExamId == Filter.Exam);

    /// <summary>Where the course stands among all by popularity, from 1; null where it was not taken.</summary>
    public int? Rank => Courses.Select((course, index) => (course, index)).FirstOrDefault(place => place.course.Slug == Course?.Slug) is { course: not null, index: var index }
        ? index + 1
        : null;

    /// <summary>Reads the figures.</summary>
    /// <returns>The figures, or a sentence if the filter names what is not there.</returns>
    public static async Task<(ReportData? Data, string? Complaint)> ReadAsync(
        HttpContext context, ActivityDatabase database, ReportFilter filter, CancellationToken cancellationToken)
    {
        var (course, dates) = (filter.Course, filter.Dates);
        var byDay = (dates.To?.DayNumber - dates.From?.DayNumber ?? 0) < MostDays;
        var everything = SummaryQuery.Of(PassMark);
        var known = CourseQuery.All(PassMark);
        var within = filter.Days is null ? null : SummaryQuery.Of(PassMark, dates);
        var courses = filter.Days is null ? null : CourseQuery.All(PassMark, dates);
        var scores = ScoreQuery.Of(course, null, Counting.Attempts, Bins, PassMark, filter.Days);
        var durations = DurationQuery.Of(course, null, Counting.Attempts, filter.Days);
        var starts = StartQuery.Of(byDay ? Period.Day : Period.Month, course, null, Counting.Attempts, dates);
        var hours = StartQuery.Of(Period.HourOfDay, course, null, Counting.Attempts, dates);
        var weekdays = StartQuery.Of(Period.Weekday, course, null, Counting.Attempts, dates);
        var questions = course is null ? null : QuestionQuery.Of(course, null);

        await using var reader = await database.QueryAsync(
            context, ((Query?[])[everything, known, within, courses, scores, durations, starts, hours, weekdays, questions]).OfType<Query>(), cancellationToken);
        var summary = await everything.ReadAsync(reader, cancellationToken);
        var all = await known.ReadAsync(reader, cancellationToken);
        var found = all.FirstOrDefault(candidate => candidate.Slug == course);
        if (course is not null && found is null)
        {
            return (null, $"There is no course \"{course}\"; the report without a course lists them.");
        }

        var headline = await AnswerAsync(within) ?? summary;
        var taken = await AnswerAsync(courses) ?? all;
        var data = new ReportData
        {
            Filter = filter,
            Everything = summary,
            Known = [.. CourseOrder.Sort(all, "name")],
            Course = found,
            Courses = [.. CourseOrder.Sort(taken.Where(one => one.Attempts > 0), CourseOrder.Default)],
            Headline = course is null
                ? new Headline(headline.Attempts, headline.Students, headline.MeanScore, headline.PassRate)
                : taken.FirstOrDefault(one => one.Slug == course) is { } one
                    ? new Headline(one.Attempts, one.Students, one.MeanScore, one.PassRate)
                    : new Headline(0, 0, null, null),
            Scores = await scores.ReadAsync(reader, cancellationToken),
            Durations = await durations.ReadAsync(reader, cancellationToken),
            Starts = await starts.ReadAsync(reader, cancellationToken),
            HoursOfDay = await hours.ReadAsync(reader, cancellationToken),
            Weekdays = await weekdays.ReadAsync(reader, cancellationToken),
            Exams = questions is null ? [] : [.. (await questions.ReadAsync(reader, cancellationToken)).Analysis.Exams.OrderByDescending(exam => exam.Attempts)],
        };
        return filter.Exam is not null && data.Exam is null
            ? (null, $"There is no exam \"{filter.Exam}\" of course \"{course}\"; the report without an exam lists them.")
            : (data, null);

        async Task<T?> AnswerAsync<T>(Query<T>? query) where T : class => query is null ? null : await query.ReadAsync(reader, cancellationToken);
    }
}
