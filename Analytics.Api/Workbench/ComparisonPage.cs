using System.Globalization;
using Analytics.Api.Comparisons;
using Analytics.Api.Filters;
using Analytics.Api.Pages;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Workbench;

/// <summary>Two to four courses beside each other.</summary>
internal static class ComparisonPage
{
    private static readonly (string Figure, string Title, string Note)[] Figures =
    [
        ("meanScore", "Mean score", "over the attempts that state their counts"), ("passRate", "Passed", "of all attempts"),
        ("minutes", "Minutes", "mean of the attempts that take from 0 to under 24 hours"),
        ("completionRate", "Left nothing open", "of the attempts that say how much they left"),
        ("facility", "Mean facility of the questions", "the greater, the easier; over questions, not attempts"),
    ];

    public static string Render(IReadOnlyList<string> slugs, Filter filter, CourseComparison comparison)
    {
        var courses = comparison.Figures.Take(slugs.Count).Select(
            figure => (figure.Slug, Name: figure.Course.Length == 0 ? "(no name)" : figure.Course)).ToArray();
        return PageLayout.Render(
            $"{string.Join(", ", courses.Select(course => course.Name))} · Activity",
            Html($"""
                <header>
                <h1>{courses.Length} courses compared</h1>
                <p class="period">Each is compared with the first, {courses[0].Name}. A difference in bold is hardly chance: its 95 % confidence interval leaves 0 out.</p>
                {FilterForm.Render("/courses/compare", filter, courses: null, "", Join(slugs.Select(slug => Html($"""<input type="hidden" name="course" value="{slug}">"""))))}
                </header>
                <main id="content">
                {Figures.Select(figure => Table(filter, figure, [.. comparison.Figures.Where(one => one.Figure == figure.Figure)]))}
                </main>
                <footer><p>Intervals of means are by Welch’s method, which lets the variances differ; those of shares by Newcombe’s (method 10, from Wilson’s intervals). Each stands by itself: of twenty, one leaves 0 out by chance.
                <span class="screen">As data: <a href="{Source(slugs, filter)}">the comparison</a>.</span></p></footer>
                """),
            Tab.Courses);
    }

    private static Markup Table(Filter filter, (string Figure, string Title, string Note) figure, ComparedFigure[] rows)
    {
        var whole = rows[0].Unit == "percent" ? 100 : rows.Max(row => row.Value ?? 0);
        return Html($"""
            <section aria-labelledby="{figure.Figure}">
            <h2 id="{figure.Figure}">{figure.Title}</h2>
            <p class="quiet">{Wording.Sentence(figure.Note)}</p>
            <div class="scroll" role="region" tabindex="0" aria-labelledby="{figure.Figure}"><table class="comparison">
            <thead><tr><th scope="col">Course</th><th scope="col" class="number">{(figure.Figure == "facility" ? "Questions" : "Attempts")}</th><th scope="col" class="number">{figure.Title}</th><td class="plot"></td><th scope="col" class="number">Difference</th><th scope="col" class="number">95 % interval</th></tr></thead>
            <tbody>{rows.Select((row, place) => Html($"""
                <tr><th scope="row"><a href="{filter.Address($"/courses/{Uri.EscapeDataString(row.Slug)}")}">{(row.Course.Length == 0 ? "(no name)" : row.Course)}</a></th><td class="number">{Wording.Count(row.Count)}</td>
                <td class="number">{Value(row)}</td><td class="plot">{Bar.Of(row.Value ?? 0, whole)}</td>{Difference(row, place)}</tr>
                """))}</tbody>
            </table></div>
            </section>
            """);
    }

    private static Markup Difference(ComparedFigure row, int place) => row switch
    {
        _ when place == 0 => Html($"""<td></td><td></td>"""),
        { Low: { } low, High: { } high } => Html($"""<td class="number">{(low > 0 || high < 0 ? Html($"<b>{Signed(row.Difference)}</b>") : Html($"{Signed(row.Difference)}"))}</td><td class="number">{Signed(low)} to {Signed(high)}</td>"""),
        _ => Html($"""<td class="number">{Signed(row.Difference)}</td><td class="quiet">{row.Reason}</td>"""),
    };

    private static string Value(ComparedFigure row) => row.Unit == "percent" ? Wording.Percent(row.Value) : Wording.Minutes(row.Value);

    private static string Signed(double? number) =>
        number is { } known ? known.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) : "–";

    private static string Source(IReadOnlyList<string> slugs, Filter filter) =>
        filter.Address("/api/courses/compare", slugs.Select(slug => (FilterWords.Course, (string?)slug)));
}
