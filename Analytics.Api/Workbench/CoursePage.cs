using Analytics.Api.Courses;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Report;
using Analytics.Api.Scores;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>One course.</summary>
internal static class CoursePage
{
    public static string Render(Filter filter, Course course, IReadOnlyList<Exam> exams, ScoreDistribution scores)
    {
        var path = $"/courses/{Uri.EscapeDataString(course.Slug)}";
        (string Name, string Figure, string Note)[] tiles =
        [
            ("Attempts", Wording.Count(course.Attempts), $"in {Wording.Counted(course.Messages, "message", "messages")}"),
            ("Students", Wording.Count(course.Students), course.RepeatTakers is { } repeat ? $"{Wording.Count(repeat)} of them several times"
                : "no attempt names its user"),
            ("Mean score", Wording.Percent(course.MeanScore), course.MeanScoreReason ?? ""),
            ("Passed", Wording.Percent(course.PassRate), $"score over {filter.PassMark} %"),
            ("Left nothing open", Wording.Percent(course.CompletionRate), course.CompletionReason
                ?? $"{Wording.Coefficient(course.MeanUnanswered)} questions unanswered on average"),
        ];
        return PageLayout.Render(
            $"{ReportText.Name(course)} · Activity",
            Html($"""
                <header>
                <h1>{ReportText.Name(course)}</h1>
                <p class="period screen"><a href="{filter.Address("/report")}">Its report</a> · <a href="{filter.Address("/questions")}">its questions</a> · <a href="/students?course={Uri.EscapeDataString(course.Slug)}">its students</a></p>
                {FilterForm.Render(path, filter with { Course = null }, courses: null, "")}
                </header>
                <main id="content">
                <dl class="headline">{tiles.Select(tile => Html($"""<div><dt>{tile.Name}</dt><dd><b>{tile.Figure}</b> <span>{tile.Note}</span></dd></div>"""))}</dl>
                {(scores.Scored == 0 ? Html($"""<section><h2>Scores</h2><p class="empty">{scores.Reason}</p></section>""") : Html($"""<section><h2>Scores</h2>{ReportCharts.Scores(scores, (double)filter.PassMark).Render("Score")}</section>"""))}
                <section aria-labelledby="exams">
                <h2 id="exams">{Wording.Counted(exams.Count, "exam", "exams")}</h2>
                <div class="scroll" role="region" tabindex="0" aria-labelledby="exams"><table>
                <thead><tr><th scope="col">Exam</th><th scope="col" class="number">Questions</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Mean score</th><th scope="col" class="number">Passed</th><th scope="col">First start</th><th scope="col">Last start</th></tr></thead>
                <tbody>{exams.Select(exam => Html($"""
                    <tr><th scope="row"><a href="{(filter with { Exam = exam.BaseExamId }).Address("/questions")}"><code>{(exam.BaseExamId.Length == 0 ? "(no id)" : exam.BaseExamId)}</code></a></th><td class="number">{Wording.Count(exam.Questions)}</td><td class="number">{Wording.Count(exam.Attempts)}</td>
                    <td class="number">{Wording.Percent(exam.MeanScore)}</td><td class="number">{Wording.Percent(exam.PassRate)}</td><td>{Day(exam.FirstStart)}</td><td>{Day(exam.LastStart)}</td></tr>
                    """))}</tbody>
                </table></div>
                </section>
                </main>
                <footer><p class="screen">As data: <a href="{(filter with { Course = null }).Address($"/api{path}")}">the course and its exams</a>.</p></footer>
                """),
            Tab.Courses);
    }

    private static string Day(DateTimeOffset? time) => time is { } known ? Wording.Day(DateOnly.FromDateTime(known.UtcDateTime)) : "–";
}
