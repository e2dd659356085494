using Analytics.Api.Filters;
using static Analytics.Api.Pages.Markup;

namespace Analytics.Api.Pages;

/// <summary>The filters as a form, in the words that addresses have: a student and a pass mark are kept, what belongs to a course is dropped with it.</summary>
internal static class FilterForm
{
    private static readonly (Take Take, string Words)[] Takes =
        [(Take.All, "All"), (Take.First, "First of each student"), (Take.Best, "Best of each student"), (Take.Last, "Last of each student")];

    private static readonly string[] Zones = ["UTC", "America/Los_Angeles", "America/New_York", "Asia/Kolkata", "Asia/Tokyo", "Europe/Berlin", "Europe/London"];

    /// <param name="action">The page.</param>
    /// <param name="filter">What it shows now.</param>
    /// <param name="courses">The courses to choose from, by slug and name; null where none can be chosen.</param>
    /// <param name="allCourses">What no choice of a course is called.</param>
    /// <param name="further">Fields of the page's own, before the button.</param>
    public static Markup Render(string action, Filter filter, IEnumerable<(string Slug, string Name)>? courses, string allCourses, Markup further = default) => Html($"""
        <form class="screen" action="{action}" method="get">
        {(courses is null ? None : Html($"""<label class="wide">Course <select name="course"><option value="">{allCourses}</option>{courses.Select(course => Html($"""<option value="{course.Slug}"{Selected(course.Slug == filter.Course)}>{course.Name}</option>"""))}</select></label>"""))}
        <label>From <input type="date" name="from" value="{Filter.Text(filter.From)}" min="1970-01-01" max="2999-12-31"></label>
        <label>To <input type="date" name="to" value="{Filter.Text(filter.To)}" min="1970-01-01" max="2999-12-31"></label>
        <label>Time zone <input name="tz" value="{filter.Zone}" maxlength="64" size="14" spellcheck="false" autocomplete="off" list="zones"></label>
        <datalist id="zones">{Zones.Select(zone => Html($"<option>{zone}</option>"))}</datalist>
        <label>Attempts <select name="take">{Takes.Select(take => Html($"""<option value="{(take.Take == Take.All ? "" : take.Take.ToString().ToLowerInvariant())}"{Selected(take.Take == filter.Take)}>{take.Words}</option>"""))}</select></label>
        {further}
        {FilterWords.All.Where(word => IsKept(word) && word.Write(filter) is not null).Select(word => Html($"""<input type="hidden" name="{word.Name}" value="{word.Write(filter)}">"""))}
        <button>Show</button>
        </form>
        """);

    // What has no field of its own, and holds whichever course and days are shown.
    private static bool IsKept(FilterWord word) => word.Name is FilterWords.User or FilterWords.PassMark;

    public static Markup Selected(bool selected) => selected ? Html($" selected") : None;
}
