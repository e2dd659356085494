using System.Globalization;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Students;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>One student.</summary>
internal static class StudentDetailPage
{
    public static string Render(Filter filter, StudentDetail student) => PageLayout.Render(
        $"{student.Id} · Activity",
        Html($"""
            <header>
            <h1 class="id">{student.Id}</h1>
            <p class="period">{(student.Named ? $"{Wording.Counted(student.Attempts, "attempt", "attempts")}." : "An attempt that names no user.")}</p>
            {FilterForm.Render($"/students/{Uri.EscapeDataString(student.Id)}", filter, courses: null, "")}
            </header>
            <main id="content">
            <section aria-labelledby="growth"><h2 id="growth">Growth by course</h2>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="growth"><table>
            <thead><tr><th scope="col">Course</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">First score</th><th scope="col" class="number">Last score</th><th scope="col" class="number">Best</th><th scope="col" class="number">Growth</th></tr></thead>
            <tbody>{student.Courses.Select(course => Html($"""
                <tr><th scope="row"><a href="/courses/{Uri.EscapeDataString(course.CourseSlug)}">{(course.Course.Length == 0 ? "(no name)" : course.Course)}</a></th><td class="number">{Wording.Count(course.Attempts)}</td><td class="number">{Wording.Percent(course.FirstScore)}</td>
                <td class="number">{Wording.Percent(course.LastScore)}</td><td class="number">{Wording.Percent(course.BestScore)}</td><td class="number">{Wording.Points(course.Growth)}</td></tr>
                """))}</tbody></table></div></section>
            <section aria-labelledby="history"><h2 id="history">History</h2>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="history"><table>
            <thead><tr><th scope="col">Started, UTC</th><th scope="col">Course</th><th scope="col" class="number">Its number</th><th scope="col" class="number">Score</th><th scope="col" class="number">Gain</th></tr></thead>
            <tbody>{student.Taken.Select(attempt => Html($"""
                <tr><th scope="row"><a href="/api/attempts/{Uri.EscapeDataString(attempt.UserExamId)}">{attempt.StartedAt?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "–"}</a></th><td>{attempt.Course}</td>
                <td class="number">{attempt.Number}</td><td class="number">{Wording.Percent(attempt.Score)}</td><td class="number">{Wording.Points(attempt.Gain)}</td></tr>
                """))}</tbody></table></div></section>
            </main>
            <footer><p class="screen">As data: <a href="{filter.Address($"/api/students/{Uri.EscapeDataString(student.Id)}")}">the student</a>.</p></footer>
            """),
        Tab.Students);
}
