using Analytics.Api.Courses;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using Analytics.Api.Report;
using Analytics.Api.Students;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>Named users, and those who need help.</summary>
internal static class StudentsPage
{
    public static string Render(Filter filter, IReadOnlyList<Course> courses, List<Student> students, StudentsAtRisk atRisk)
    {
        var shown = students.Take(StudentsEndpoints.PageSize).ToArray();
        return PageLayout.Render(
            "Students · Activity",
            Html($"""
                <header>
                <h1>Students</h1>
                <p class="period">Users whom events name. An attempt that names none is a student of its own: its id finds it.</p>
                {FilterForm.Render("/students", filter, courses.Select(course => (course.Slug, ReportText.Name(course))), "All courses", Html($"""<label>Student’s id <input name="user" maxlength="200" autocomplete="off"></label>"""))}
                </header>
                <main id="content">
                {Help(filter, atRisk)}
                <section aria-labelledby="all">
                <h2 id="all">All by id</h2>
                {(shown.Length == 0 ? Html($"""<p class="empty">No attempt here names its user.</p>""") : Table(filter, shown))}
                {(students.Count > shown.Length ? Html($"""<p class="screen"><a href="{filter.Address("/students", ("cursor", shown[^1].UserId))}">The next {StudentsEndpoints.PageSize}</a></p>""") : None)}
                </section>
                </main>
                <footer><p class="screen">As data: <a href="{filter.Address("/api/students")}">students</a>, <a href="{filter.Address("/api/students/at-risk")}">who needs help</a>.</p></footer>
                """),
            Tab.Students);
    }

    private static Markup Help(Filter filter, StudentsAtRisk atRisk) => Html($"""
        <section aria-labelledby="help">
        <h2 id="help">Who needs help</h2>
        <ul><li>{AtRiskRules.FallingSentence}</li><li>{AtRiskRules.UnansweredSentence}</li><li>{AtRiskRules.IdleSentence}</li></ul>
        {(atRisk.Students.Count == 0 ? Html($"""<p class="empty">No rule applies to a named user.</p>""") : Html($"""
            <div class="scroll tall" role="region" tabindex="0" aria-labelledby="help"><table>
            <thead><tr><th scope="col">Student</th><th scope="col">Course</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">First score</th><th scope="col" class="number">Last score</th><th scope="col" class="number">Unanswered</th><th scope="col">Rules</th></tr></thead>
            <tbody>{atRisk.Students.Select(student => Html($"""
                <tr><th scope="row"><a href="/students/{Uri.EscapeDataString(student.UserId)}">{student.UserId}</a></th><td>{student.Course}</td><td class="number">{Wording.Count(student.Attempts)}</td>
                <td class="number">{Wording.Percent(student.FirstScore)}</td><td class="number">{Wording.Percent(student.LastScore)}</td><td class="number">{Wording.Percent(student.Unanswered)}</td>
                <td>{string.Join(", ", Rules(student))}</td></tr>
                """))}</tbody>
            </table></div>
            """))}
        </section>
        """);

    private static IEnumerable<string> Rules(StudentAtRisk student) =>
        new[] { (student.IsFalling, "falling"), (student.IsUnanswered, "unanswered"), (student.IsIdle, "idle") }.Where(rule => rule.Item1).Select(
            rule => rule.Item2);

    private static Markup Table(Filter filter, Student[] students) => Html($"""
        <div class="scroll" role="region" tabindex="0" aria-labelledby="all"><table>
        <thead><tr><th scope="col">Student</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">First score</th><th scope="col" class="number">Last score</th><th scope="col" class="number">Best</th></tr></thead>
        <tbody>{students.Select(student => Html($"""
            <tr><th scope="row"><a href="{filter.Address($"/students/{Uri.EscapeDataString(student.UserId)}")}">{student.UserId}</a></th><td class="number">{Wording.Count(student.Attempts)}</td>
            <td class="number">{Wording.Percent(student.FirstScore)}</td><td class="number">{Wording.Percent(student.LastScore)}</td><td class="number">{Wording.Percent(student.BestScore)}</td></tr>
            """))}</tbody>
        </table></div>
        """);
}
