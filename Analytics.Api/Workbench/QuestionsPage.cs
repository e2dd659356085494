using Analytics.Api.Courses;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Questions;
using Analytics.Api.Report;
using Statistics;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>An exam's questions.</summary>
internal static class QuestionsPage
{
    private const string Path = "/questions";

    /// <summary>The courses, to choose one.</summary>
    public static string RenderChoice(Filter filter, IReadOnlyList<Course> courses) => PageLayout.Render(
        "Questions · Activity",
        Html($"""
            <header><h1>Questions</h1><p class="period">How each question of an exam does: choose a course.</p></header>
            <main id="content">
            {(courses.Count == 0 ? Html($"""<p class="empty">Nothing has been taken yet.</p>""") : Html($"""
                <div class="scroll" role="region" tabindex="0" aria-label="Courses"><table>
                <caption class="unseen">Courses, the most popular first</caption>
                <thead><tr><th scope="col">Course</th><th scope="col" class="number">Exams</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Mean score</th></tr></thead>
                <tbody>{courses.Select(course => Html($"""
                    <tr><th scope="row"><a href="{(filter with { Course = course.Slug }).Address(Path)}">{ReportText.Name(course)}</a></th><td class="number">{Wording.Count(course.Exams)}</td>
                    <td class="number">{Wording.Count(course.Attempts)}</td><td class="number">{Wording.Percent(course.MeanScore)}</td></tr>
                    """))}</tbody>
                </table></div>
                """))}
            </main>
            <footer><p class="screen"><a href="/questions/catalogue">What questions are called: the catalogue</a></p></footer>
            """),
        Tab.Questions);

    public static string Render(
        Filter filter, IReadOnlyList<Course> courses, string course, IReadOnlyList<ExamAnalysis> exams, ExamAnalysis? shown, ExamCalibration? calibration) =>
            PageLayout.Render(
        $"Questions of {Named(course)} · Activity",
        Html($"""
            <header>
            <h1>Questions of {Named(course)}</h1>
            <p class="period">{(shown is null ? "" : $"Exam {shown.BaseExamId}. {ReportText.ExamSentence(shown)}")}</p>
            {FilterForm.Render(Path, filter with { Exam = null, Version = null }, courses.Select(one => (one.Slug, ReportText.Name(one))), "Choose a course")}
            </header>
            <main id="content">
            {Choice(filter, exams, shown)}
            {(shown is null || shown.Questions.Count == 0 ? Html($"""<p class="empty">{shown?.Reason ?? "No attempt that the filter leaves was shown a question."}</p>""") : Html($"""
                {Map(filter, shown)}
                {Table(filter, shown, calibration)}
                {Topics(exams)}
                {Versions(filter, shown)}
                """))}
            </main>
            <footer><p>{QuestionSection.Meaning} Difficulty is the Rasch model’s, in logits: 0 is the exam’s average question, above it is harder. {Sources(filter)}</p></footer>
            """),
        Tab.Questions);

    /// <summary>The page of one question.</summary>
    public static string AddressOf(Filter filter, ExamAnalysis exam, string question) =>
        (filter with { Exam = exam.BaseExamId }).Address("/questions/item", ("question", question));

    private static Markup Choice(Filter filter, IReadOnlyList<ExamAnalysis> exams, ExamAnalysis? shown) => exams.Count < 2 && filter.Exam is null
        ? None
        : Html($"""
            <nav class="choice" aria-label="Exams of the course"><ul>{exams.Select(exam => Html($"""
                <li><a href="{(filter with { Exam = exam.BaseExamId, Version = null }).Address(Path)}"{(exam == shown ? Html($" aria-current=\"true\"") : None)}>Exam <code>{ReportText.Short(exam.BaseExamId)}</code>, {Wording.Counted(exam.Attempts, "attempt", "attempts")}</a></li>
                """))}{(filter.Exam is null ? None : Html($"""<li><a href="{(filter with { Exam = null, Version = null }).Address(Path)}">All exams of the course</a></li>"""))}</ul></nav>
            """);

    private static Markup Map(Filter filter, ExamAnalysis exam)
    {
        var placed = exam.Questions.Where(question => question is { Facility: not null, ItemRest: not null }).ToArray();
        var faulty = placed.Count(question => question.Verdict != ItemVerdict.Sound);
        return placed.Length == 0 ? None : new Plot(
            "map", "Difficulty and discrimination",
            $"Each point is a question and leads to it. Good ones are high and not at an edge; {(faulty == 0 ? "no rule objects to any" : $"rules object to {Wording.Count(faulty)} of {Wording.Count(placed.Length)}, drawn in the other colour")}.",
            new PlotAxis("Correct, %", 0, 100, 20),
            PlotAxis.Around("Discrimination", placed.Select(question => question.ItemRest!.Value).Append(0).Append(0.6)))
        {
            Points =
            [
                .. placed.Select(question => new PlotPoint(
                    question.Facility!.Value, question.ItemRest!.Value,
                    $"{ItemName.Of(question.QuestionId, question.Text)}: {Wording.Percent(question.Facility)} correct, discrimination {Wording.Coefficient(question.ItemRest)}, {question.Verdict}",
                    AddressOf(filter, exam, question.QuestionId), question.Verdict == ItemVerdict.Sound)),
            ],
            Guides = [new PlotGuide("hardly discriminates below", Y: 0.1)],
        }.Render();
    }

    private static Markup Table(Filter filter, ExamAnalysis exam, ExamCalibration? calibration)
    {
        var difficulties = calibration?.Questions.ToDictionary(question => question.QuestionId) ?? [];
        return Html($"""
            <section aria-labelledby="items">
            <h2 id="items">All questions, the hardest first</h2>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="items"><table class="questions">
            <thead><tr><th scope="col">Question</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Correct</th><td class="plot"></td><th scope="col" class="number">Left out</th><th scope="col" class="number">Discrimination</th><th scope="col" class="number">Difficulty</th><th scope="col">Verdict</th></tr></thead>
            <tbody>{exam.Questions.Select(question => Html($"""
                <tr><th scope="row"><a href="{AddressOf(filter, exam, question.QuestionId)}">{ItemName.Render(question.QuestionId, question.Text)}</a></th>
                <td class="number">{Wording.Count(question.Attempts)}</td><td class="number">{Wording.Percent(question.Facility)}</td><td class="plot">{Bar.Of(question.Facility ?? 0, 100)}</td>
                <td class="number">{Wording.Percent(100.0 * question.Omitted / question.Attempts)}</td><td class="number">{Wording.Coefficient(question.ItemRest)}</td>
                <td class="number">{Wording.Coefficient(difficulties.GetValueOrDefault(question.QuestionId)?.Difficulty)}</td><td class="verdict">{Verdict(question.Verdict, question.Rule)}</td></tr>
                """))}</tbody>
            </table></div>
            </section>
            """);
    }

    /// <summary>A verdict, with its rule where one objects.</summary>
    public static Markup Verdict(string verdict, string rule) => verdict == ItemVerdict.Sound
        ? Html($"{Wording.Sentence(verdict)}")
        : Html($"<b>{Wording.Sentence(verdict)}</b> <span>{Wording.Sentence(rule)}</span>");

    private static Markup Topics(IReadOnlyList<ExamAnalysis> exams) => CourseTopics.Of(exams) is var topics && topics.All(topic => topic.Topic is null)
        ? None
        : Html($"""
            <section aria-labelledby="topics">
            <h2 id="topics">By topic, the hardest first</h2>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="topics"><table>
            <thead><tr><th scope="col">Topic</th><th scope="col" class="number">Questions</th><th scope="col" class="number">Answers</th><th scope="col" class="number">Correct</th><td class="plot"></td><th scope="col" class="number">95 % interval</th><th scope="col" class="number">Mean discrimination</th></tr></thead>
            <tbody>{topics.Select(topic => Html($"""
                <tr><th scope="row">{topic.Topic ?? "(no topic)"}</th><td class="number">{Wording.Count(topic.Questions)}</td><td class="number">{Wording.Count(topic.Answers)}</td>
                <td class="number">{Wording.Percent(topic.Facility)}</td><td class="plot">{Bar.Of(topic.Facility, 100)}</td><td class="number">{Wording.Points(topic.FacilityLow)}–{Wording.Percent(topic.FacilityHigh)}</td><td class="number">{Wording.Coefficient(topic.MeanItemRest)}</td></tr>
                """))}</tbody>
            </table></div>
            </section>
            """);

    private static Markup Versions(Filter filter, ExamAnalysis exam) => exam.Versions.Count < 2 && filter.Version is null ? None : Html($"""
        <section aria-labelledby="versions">
        <h2 id="versions">Versions of the exam</h2>
        <div class="scroll" role="region" tabindex="0" aria-labelledby="versions"><table>
        <thead><tr><th scope="col">Version</th><th scope="col" class="number">Questions</th><th scope="col" class="number">Attempts</th><th scope="col">First start</th><th scope="col">Last start</th></tr></thead>
        <tbody>{exam.Versions.Select(version => Html($"""
            <tr><th scope="row"><a href="{(filter with { Exam = exam.BaseExamId, Version = version.Version }).Address(Path)}"{(version.Version == exam.Version ? Html($" aria-current=\"true\"") : None)}><code class="id" title="{version.Version}">{version.Version}</code></a>{(version.Version == exam.Version ? " (shown)" : "")}</th>
            <td class="number">{version.Questions}</td><td class="number">{Wording.Count(version.Attempts)}</td><td>{Day(version.FirstStart)}</td><td>{Day(version.LastStart)}</td></tr>
            """))}</tbody>
        </table></div>
        {(exam.HasMoreVersions ? Html($"""<p class="quiet">There are more; these had the most attempts.</p>""") : None)}
        {(filter.Version is null ? None : Html($"""<p><a href="{(filter with { Version = null }).Address(Path)}">Of all versions</a></p>"""))}
        </section>
        """);

    private static string Day(DateTimeOffset? time) => time is { } known ? Wording.Day(DateOnly.FromDateTime(known.UtcDateTime)) : "–";

    private static Markup Sources(Filter filter)
    {
        var address = (filter with { Course = null }).Address($"/api/courses/{Uri.EscapeDataString(filter.Course!)}/questions");
        var rasch = (filter with { Course = null }).Address($"/api/courses/{Uri.EscapeDataString(filter.Course!)}/questions/rasch");
        var topics = (filter with { Course = null }).Address($"/api/courses/{Uri.EscapeDataString(filter.Course!)}/topics");
        return Html($"""<span class="screen">As data: <a href="{address}">questions</a>, <a href="{rasch}">calibration</a>, <a href="{topics}">topics</a>.</span>""");
    }

    private static string Named(string course) => course.Length == 0 ? "(no name)" : course;
}
