using System.ComponentModel.DataAnnotations;
using Analytics.Api.Access;
using Analytics.Api.Comparisons;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Analytics.Api.Scores;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Workbench;

/// <summary>The pages of all courses, of one, and of several beside each other.</summary>
internal static class CoursesEndpoints
{
    private const int LongestName = 200;

    public static void MapCoursePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/courses", GetCoursesAsync).RequireScope(Scopes.Read).TakesFilter((FilterWords.Course, "this page lists the courses"));
        pages.MapGet("/courses/compare", GetComparisonAsync).RequireScope(Scopes.Read)
            .WithMetadata(new RepeatedParameter(FilterWords.Course)).TakesFilter([.. ComparisonEndpoints.Untaken.Skip(1)]);
        pages.MapGet("/courses/{slug}", GetCourseAsync).RequireScope(Scopes.Read).TakesFilter((FilterWords.Course, "the address names the course"));
    }

    private static async Task<IResult> GetCoursesAsync(
        [FromQuery, RegularExpression(CourseOrder.Pattern, ErrorMessage = CourseOrder.Complaint), MaxLength(LongestName)] string? sort,
        [FromQuery, MaxLength(LongestName)] string? name,
        [FromQuery, AllowedValues("few", "some", "many", null)] string? size,
        [FromQuery, AllowedValues("few", "some", "many", null)] string? passing,
        [FromQuery, AllowedValues("one", "several", null)] string? exams,
        [FromQuery, AllowedValues("few", "many", null)] string? complete,
        Filter filter, HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (all, unknown) = await database.FindAsync(context, filter, CourseQuery.All(filter), cancellationToken);
        if (unknown is not null)
        {
            return Problem.Of(StatusCodes.Status404NotFound, unknown);
        }

        var chosen = new Dictionary<CourseFacet, string?>
        {
            [CourseFacet.Size] = size,
            [CourseFacet.Passing] = passing,
            [CourseFacet.Exams] = exams,
            [CourseFacet.Complete] = complete,
        };
        return PageLayout.Answer(
            context, CoursesPage.Render(new CoursesData(filter, [.. all!.Where(course => course.Attempts > 0)], sort ?? CourseOrder.Default, name, chosen)));
    }

    private static async Task<IResult> GetCourseAsync(
        [FromRoute, MaxLength(Filter.LongestName)] string slug, Filter filter, HttpContext context, ActivityDatabase database,
        CancellationToken cancellationToken)
    {
        filter = filter with { Course = slug };
        var (known, course, exams, scores) =
            (Known.Check(filter), CourseQuery.One(filter), CourseQuery.Exams(filter), ScoreQuery.Of(filter, Counting.Attempts, bins: 10));
        await using var reader = await database.QueryAsync(context, [known, course, exams, scores], cancellationToken);
        if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
        {
            return Problem.Of(StatusCodes.Status404NotFound, unknown);
        }

        var found = (await course.ReadAsync(reader, cancellationToken))!;
        return PageLayout.Answer(
            context, CoursePage.Render(filter, found, await exams.ReadAsync(reader, cancellationToken), await scores.ReadAsync(reader, cancellationToken)));
    }

    private static async Task<IResult> GetComparisonAsync(HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (slugs, filter, complaint) = ComparisonEndpoints.Read(context.Request);
        if (complaint is not null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, complaint);
        }

        var (comparison, unknown) = await ComparisonQuery.ReadAsync(context, database, slugs, filter!, cancellationToken);
        return comparison is null ? Problem.Of(StatusCodes.Status404NotFound, unknown!)
            : PageLayout.Answer(context, ComparisonPage.Render(slugs, filter!, comparison));
    }
}

/// <summary>What the page of all courses shows.</summary>
/// <param name="Filter">Which attempts.</param>
/// <param name="All">Every course that has one.</param>
/// <param name="Sort">The order.</param>
/// <param name="Name">A part of their names; null for any.</param>
/// <param name="Chosen">The kind that is chosen of each facet; null for all.</param>
internal sealed record CoursesData(Filter Filter, IReadOnlyList<Course> All, string Sort, string? Name, IReadOnlyDictionary<CourseFacet, string?> Chosen)
{
    /// <summary>The courses that are shown, in order.</summary>
    public IReadOnlyList<Course> Shown { get; } =
        [.. CourseOrder.Sort(All.Where(course => IsNamed(course, Name) && Chosen.All(facet => facet.Key.Holds(facet.Value, course))), Sort)];

    /// <summary>How many courses a kind has among those that all other choices leave.</summary>
    public int CountOf(CourseFacet facet, string kind) =>
        All.Count(course => IsNamed(course, Name) && Chosen.All(other => other.Key.Holds(other.Key == facet ? kind : other.Value, course)));

    /// <summary>The same page with another choice.</summary>
    public string Address(string sort, CourseFacet? facet = null, string? kind = null) => Filter.Address(
        "/courses",
        [
            ("sort", sort == CourseOrder.Default ? null : sort), ("name", Name),
            .. Chosen.Select(choice => (choice.Key.Name, choice.Key == facet ? kind : choice.Value)),
        ]);

    private static bool IsNamed(Course course, string? part) => part is null || course.Name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
