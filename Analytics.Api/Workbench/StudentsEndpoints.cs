using System.ComponentModel.DataAnnotations;
using Analytics.Api.Access;
using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Analytics.Api.Students;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Workbench;

/// <summary>The pages of students and of one.</summary>
internal static class StudentsEndpoints
{
    /// <summary>Students on one page.</summary>
    public const int PageSize = 50;

    public static void MapStudentPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/students", GetStudentsAsync).RequireScope(Scopes.Read).TakesFilter();
        pages.MapGet("/students/{id}", GetStudentAsync).RequireScope(Scopes.Read).TakesFilter((FilterWords.User, "the address names the student"));
    }

    private static async Task<IResult> GetStudentsAsync(
        [FromQuery, MaxLength(Filter.LongestName)] string? cursor, Filter filter, HttpContext context, ActivityDatabase database,
        CancellationToken cancellationToken)
    {
        if (filter.User is { } user)
        {
            return TypedResults.LocalRedirect((filter with { User = null }).Address($"/students/{Uri.EscapeDataString(user)}"));
        }

        var (known, courses) = (Known.Check(filter), CourseQuery.All(Filter.Everything));
        var (page, atRisk) = (StudentQuery.Page(filter, 1, cursor, PageSize + 1), AtRiskQuery.Of(filter));
        await using var reader = await database.QueryAsync(context, [known, courses, page, atRisk], cancellationToken);
        if (await known.ReadAsync(reader, cancellationToken) is { } unknown)
        {
            return Problem.Of(StatusCodes.Status404NotFound, unknown);
        }

        var listed = await courses.ReadAsync(reader, cancellationToken);
        var students = await page.ReadAsync(reader, cancellationToken);
        return PageLayout.Answer(
            context, StudentsPage.Render(filter, [.. CourseOrder.Sort(listed, "name")], students, await atRisk.ReadAsync(reader, cancellationToken)));
    }

    private static async Task<IResult> GetStudentAsync(
        [FromRoute, MaxLength(Filter.LongestName)] string id, Filter filter, HttpContext context, ActivityDatabase database,
        CancellationToken cancellationToken)
    {
        var (student, unknown) = await StudentQuery.ReadOneAsync(context, database, filter with { User = id }, cancellationToken);
        return student is null ? Problem.Of(StatusCodes.Status404NotFound, unknown!) : PageLayout.Answer(context, StudentDetailPage.Render(filter, student));
    }
}
