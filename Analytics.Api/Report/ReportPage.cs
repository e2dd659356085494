using System.Globalization;
using Analytics.Api.Courses;
using Analytics.Api.Pages;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Report;

/// <summary>The report as a page.</summary>
internal static class ReportPage
{
    private const int CoursesShown = 15;

    public static string Render(ReportData data, DateTimeOffset made) => PageLayout.Render(
        data.Course is { } course ? $"{ReportText.Name(course)} · Activity" : "Activity",
        data.Everything.Messages == 0 ? NothingYet(data) : Html($"""
            <header>
            <div class="top">{Live(data)}</div>
            <h1>{ReportText.Title(data)}</h1>
            <p class="period">{ReportText.PeriodOf(data)}</p>
            {Form(data)}
            </header>
            <main id="content">
            {Headline(data)}
            {(data.Headline.Attempts == 0 ? Html($"""<section><p class="empty">No attempt started in this period. Leave the days empty to see all.</p></section>""") : Html($"{When(data)}{Scores(data)}"))}
            {Courses(data)}
            {QuestionSection.Render(data)}
            {data.Saved.Select(saved => saved.Render())}
            {DeadLetters(data)}
            </main>
            {Footer(data, made)}
            """),
        Tab.Report);

    private static Markup NothingYet(ReportData data) => Html($"""
        <main class="notice" id="content">
        <h1>Nothing has been taken yet</h1>
        <p>This report fills itself as soon as the first events of assessments arrive. Send some, one JSON object a line:</p>
        <pre tabindex="0">curl -H 'Content-Type: application/x-ndjson' --data-binary @events.ndjson http://localhost:5180/api/events</pre>
        <p>or publish a file to Kafka: <code>dotnet run --project Ingest.Worker -- publish events.json</code></p>
        <p>Every address of the API is <a href="/scalar">described and can be tried out</a>.</p>
        {DeadLetters(data)}
        </main>
        """);

    private static Markup Live(ReportData data) => Html($"""
        <p id="live" class="live screen" hidden data-messages="{data.Everything.Messages}"><span class="dot"></span>Live
        <b data-figure="attempts">{Wording.Count(data.Everything.Attempts)}</b> attempts in
        <b data-figure="messages">{Wording.Count(data.Everything.Messages)}</b> messages
        <a href="{data.Filter.Address("/report")}" data-newer hidden>Show the newer figures</a></p>
        """);

    private static Markup Form(ReportData data) =>
        FilterForm.Render("/report", data.Filter, data.Known.Select(course => (course.Slug, ReportText.Name(course))), "All courses");

    private static Markup Headline(ReportData data) => Html($"""
        <dl class="headline">{ReportText.Headline(data).Select(tile => Html($"""<div><dt>{tile.Name}</dt><dd><b>{tile.Figure}</b> <span>{tile.Note}</span></dd></div>"""))}</dl>
        """);

    private static Markup When(ReportData data) => data.Starts.Total == 0
        ? Html($"""<section><h2>When attempts start</h2><p class="empty">{ReportText.NoStarts}</p></section>""")
        : Html($"""
            <section aria-labelledby="when">
            <h2 id="when">When attempts start</h2>
            {ReportCharts.OverTime(data.Starts).Render(Wording.Sentence(data.Starts.By).TrimEnd('.'))}
            <div class="pair">{ReportCharts.HoursOfDay(data.HoursOfDay).Render("Hour")}{ReportCharts.Weekdays(data.Weekdays).Render("Weekday")}</div>
            </section>
            """);

    private static Markup Scores(ReportData data) => data.Scores.Scored == 0
        ? Html($"""<section><h2>How they score</h2><p class="empty">{data.Scores.Reason}</p></section>""")
        : Html($"""
            <section aria-labelledby="how">
            <h2 id="how">How they score</h2>
            {ReportCharts.Scores(data.Scores, (double)data.Filter.PassMark).Render("Score")}
            <dl class="spread">{ReportText.Spread(data.Scores).Select(figure => Html($"""<div><dt>{figure.Name}</dt><dd>{figure.Figure}</dd></div>"""))}</dl>
            </section>
            """);

    private static Markup Courses(ReportData data)
    {
        if (data.Course is not null || data.Courses.Count == 0)
        {
            return None;
        }

        var rest = data.Courses.Skip(CoursesShown).ToArray();
        return Html($"""
            <section aria-labelledby="courses">
            <h2 id="courses">Courses by popularity</h2>
            {CourseTable(data, data.Courses.Take(CoursesShown), 1, "The most popular courses")}
            {(rest.Length == 0 ? None : Html($"""<details class="data"><summary>Show the other {rest.Length}</summary>{CourseTable(data, rest, CoursesShown + 1, "The other courses")}</details>"""))}
            </section>
            """);
    }

    private static Markup CourseTable(ReportData data, IEnumerable<Course> courses, int first, string caption) => Html($"""
        <div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table class="courses">
        <caption class="unseen">{caption}</caption>
        <thead><tr><th scope="col" class="number minor">Rank</th><th scope="col">Course</th><th scope="col" class="number">Students</th><td class="plot"></td><th scope="col" class="number">Mean score</th><th scope="col" class="number">Passed</th></tr></thead>
        <tbody>{courses.Select((course, index) => Html($"""
            <tr><td class="number quiet minor">{first + index}</td><th scope="row"><a href="{(data.Filter with { Course = course.Slug, Exam = null }).Address("/report")}">{ReportText.Name(course)}</a></th>
            <td class="number">{Wording.Count(course.Students)}</td><td class="plot">{Bar.Of(course.Students, data.Courses[0].Students)}</td>
            <td class="number">{Wording.Percent(course.MeanScore)}</td><td class="number">{Wording.Percent(course.PassRate)}</td></tr>
            """))}</tbody>
        </table></div>
        """);

    private static Markup DeadLetters(ReportData data) => data.Course is not null || data.Everything.DeadLetters == 0 ? None : Html($"""
        <section aria-labelledby="letters">
        <h2 id="letters">{ReportText.DeadLettersTitle}</h2>
        <p>{ReportText.DeadLettersSentence(data)} They are at <a href="/api/dead-letters/groups?format=md">/api/dead-letters</a>.</p>
        <div class="scroll" role="region" tabindex="0" aria-label="{ReportText.DeadLettersTitle}"><table>
        <caption class="unseen">{ReportText.DeadLettersTitle}</caption>
        <thead><tr><th scope="col">Reason</th><th scope="col" class="number">Records</th></tr></thead>
        <tbody>{data.Everything.DeadLetterReasons.Select(reason => Html($"""<tr><th scope="row">{reason.Reason}</th><td class="number">{Wording.Count(reason.Count)}</td></tr>"""))}</tbody>
        </table></div>
        </section>
        """);

    private static Markup Footer(ReportData data, DateTimeOffset made) => Html($"""
        <footer>
        <p>An attempt is one sitting of an exam, told by its newest event; a student is a user, or an attempt that names none. Passed means a score over {ReportText.PassMark(data)} %. Times are on the clock of {data.Filter.Zone}.</p>
        <p>Made {made.UtcDateTime.ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture)} UTC from {Wording.Count(data.Everything.Messages)} messages.
        <span class="screen"><a href="{data.Filter.Address("/report.md")}">This report as text</a> · <a href="/scalar">API reference</a> · <a href="/openapi/v1.json">OpenAPI</a></span></p>
        </footer>
        """);
}
