using Analytics.Api.Pages;
using Analytics.Api.Questions;
using Statistics;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Report;

/// <summary>An exam's questions with what to think of them, as a part of the page.</summary>
internal static class QuestionSection
{
    public const string Meaning =
        "Correct is the share of right answers. Discrimination is the correlation of the answer with the score on the other questions: near 0 the question "
            + "does not tell the strong from the weak, below 0 the weak do better.";

    public static Markup Render(ReportData data) => Html($"""
        <section aria-labelledby="questions"{(data.Exam is null ? Html($" class=\"screen\"") : None)}>
        <h2 id="questions">Questions</h2>
        {(data.Exam is { } exam ? Html($"{Choice(data, exam)}{Figures(exam)}{(exam.Questions.Count == 0 ? None : Table(exam))}") : Invitation(data))}
        </section>
        """);

    private static Markup Invitation(ReportData data) => data.Courses.Count == 0
        ? Html($"""<p class="empty">Choose a course to see how each of its questions does.</p>""")
        : Html($"""
            <p>Choose a course to see how each of its questions does: {data.Courses.Take(3).Select((course, index) => Html($"""{(index == 0 ? "" : ", ")}<a href="{(data.Filter with { Course = course.Slug }).Address("/report")}#questions">{ReportText.Name(course)}</a>"""))} …</p>
            """);

    private static Markup Choice(ReportData data, ExamAnalysis shown) => data.Exams.Count < 2
        ? None
        : Html($"""
            <nav aria-label="Exams of the course"><ul>{data.Exams.Select(exam => Html($"""
                <li><a href="{(data.Filter with { Exam = exam.BaseExamId }).Address("/report")}#questions"{(exam == shown ? Html($" aria-current=\"true\"") : None)}>Exam <code>{ReportText.Short(exam.BaseExamId)}</code>, {Wording.Counted(exam.Attempts, "attempt", "attempts")}</a></li>
                """))}</ul></nav>
            """);

    private static Markup Figures(ExamAnalysis exam) => Html($"""<p>{ReportText.ExamSentence(exam)}</p>""");

    private static Markup Table(ExamAnalysis exam) => Html($"""
        <div class="scroll" role="region" tabindex="0" aria-labelledby="questions"><table class="questions">
        <caption class="unseen">Questions, the hardest first</caption>
        <thead><tr><th scope="col">Question</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Correct</th><td class="plot"></td><th scope="col" class="number">Discrimination</th><th scope="col">Verdict</th></tr></thead>
        <tbody>{exam.Questions.Select(question => Html($"""
            <tr><th scope="row">{ItemName.Render(question.QuestionId, question.Text)}</th>
            <td class="number">{Wording.Count(question.Attempts)}</td><td class="number">{Wording.Percent(question.Facility)}</td><td class="plot">{Bar.Of(question.Facility ?? 0, 100)}</td>
            <td class="number">{Wording.Coefficient(question.ItemRest)}</td>
            <td class="verdict">{(question.Verdict == ItemVerdict.Sound ? Html($"{Wording.Sentence(question.Verdict)}") : Html($"<b>{Wording.Sentence(question.Verdict)}</b> <span>{Wording.Sentence(question.Rule)}</span>"))}</td></tr>
            """))}</tbody>
        </table></div>
        <p class="quiet">{Meaning}</p>
        """);
}
