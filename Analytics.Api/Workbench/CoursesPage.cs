using Analytics.Api.Courses;
using Analytics.Api.Pages;
using Analytics.Api.Report;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>All courses.</summary>
internal static class CoursesPage
{
    private static readonly (string Field, string Title, Func<Course, string> Text)[] Columns =
    [
        ("students", "Students", course => Wording.Count(course.Students)), ("attempts", "Attempts", course => Wording.Count(course.Attempts)),
        ("exams", "Exams", course => Wording.Count(course.Exams)), ("meanScore", "Mean score", course => Wording.Percent(course.MeanScore)),
        ("passRate", "Passed", course => Wording.Percent(course.PassRate)),
    ];

    public static string Render(CoursesData data) => PageLayout.Render(
        "Courses · Activity",
        Html($"""
            <header>
            <h1>Courses</h1>
            <p class="period">{Wording.Counted(data.Shown.Count, "course", "courses")}{(data.Shown.Count < data.All.Count ? $" of {Wording.Count(data.All.Count)}" : "")}. Choose two to four to compare them.</p>
            {FilterForm.Render("/courses", data.Filter, courses: null, "", Html($"""
                <label>Name contains <input name="name" value="{data.Name ?? ""}" maxlength="200" autocomplete="off"></label>
                {Hidden("sort", data.Sort == CourseOrder.Default ? null : data.Sort)}{Join(data.Chosen.Select(choice => Hidden(choice.Key.Name, choice.Value)))}
                """))}
            </header>
            <div class="split">
            <main id="content">
            {(data.Shown.Count == 0 ? Html($"""<p class="empty">No course is left. <a href="/courses">Show all</a></p>""") : Table(data))}
            </main>
            <aside class="facets screen" aria-label="Kinds of courses">{CourseFacet.All.Select(facet => Facet(data, facet))}</aside>
            </div>
            <footer><p>Passed means a score over {(double)data.Filter.PassMark} %. <span class="screen">As data: <a href="{data.Filter.Address("/api/courses", ("sort", data.Sort), ("name", data.Name))}">courses</a>.</span></p></footer>
            """),
        Tab.Courses);

    private static Markup Hidden(string name, string? value) => value is null ? None : Html($"""<input type="hidden" name="{name}" value="{value}">""");

    private static Markup Table(CoursesData data) => Html($"""
        <form class="compare" action="/courses/compare" method="get">
        <div class="scroll" role="region" tabindex="0" aria-label="Courses"><table>
        <caption class="unseen">Courses</caption>
        <thead><tr><th scope="col" class="screen"><span class="unseen">Compare</span></th>{Heading(data, "name", "Course", "")}{Columns.Select(column => Heading(data, column.Field, column.Title, "number"))}</tr></thead>
        <tbody>{data.Shown.Select(course => Html($"""
            <tr><td class="screen"><input type="checkbox" name="course" value="{course.Slug}" aria-label="Compare {ReportText.Name(course)}"></td>
            <th scope="row"><a href="{(data.Filter with { Course = null }).Address($"/courses/{Uri.EscapeDataString(course.Slug)}")}">{ReportText.Name(course)}</a></th>
            {Columns.Select(column => Html($"""<td class="number">{column.Text(course)}</td>"""))}</tr>
            """))}</tbody>
        </table></div>
        {Join(Filters.FilterWords.All.Where(word => word.Name is "from" or "to" or "tz" or "take" or "passMark").Select(word => Hidden(word.Name, word.Write(data.Filter))))}
        <button class="screen">Compare the chosen</button>
        </form>
        """);

    // A click sorts the numbers from the greatest on, names from A; a second one turns it round.
    private static Markup Heading(CoursesData data, string field, string title, string side)
    {
        var (down, up) = ($"-{field}", field);
        var now = data.Sort == down || (data.Sort == CourseOrder.Default && field == "students") ? "descending" : data.Sort == up ? "ascending" : null;
        var next = field == "name" ? (now == "ascending" ? down : up) : (now == "descending" ? up : down);
        return Html($"""<th scope="col" class="{side}"{(now is null ? None : Html($" aria-sort=\"{now}\""))}><a href="{data.Address(next)}">{title}{now switch { "ascending" => " ↑", "descending" => " ↓", _ => "" }}</a></th>""");
    }

    private static Markup Facet(CoursesData data, CourseFacet facet) => Html($"""
        <h2>{facet.Title}</h2>
        <ul class="list">{facet.Kinds.Select(kind => (kind, Count: data.CountOf(facet, kind.Value), IsChosen: data.Chosen[facet] == kind.Value)).Where(kind => kind.Count > 0 || kind.IsChosen).Select(kind => Html($"""
            <li><a href="{data.Address(data.Sort, facet, kind.IsChosen ? null : kind.kind.Value)}"{(kind.IsChosen ? Html($" aria-current=\"true\"") : None)}>{kind.kind.Words}{(kind.IsChosen ? Html($""" <span class="unseen">(remove)</span> ✕""") : None)}</a> <span class="quiet">{Wording.Count(kind.Count)}</span></li>
            """))}</ul>
        """);
}
