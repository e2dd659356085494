using Analytics.Api.Courses;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Analytics.Api.Comparisons;

/// <summary>Courses beside each other.</summary>
internal static class ComparisonEndpoints
{
    /// <summary>The filters that a comparison does not take: it is about whole courses.</summary>
    public static readonly (string, string)[] Untaken =
    [
        (FilterWords.Course, "the courses to compare are given as course, once for each"), (FilterWords.Exam, "whole courses are compared"),
        (FilterWords.Version, "whole courses are compared"),
    ];

    public static void MapComparison(this IEndpointRouteBuilder api) =>
        api.MapGet("/courses/compare", GetComparisonAsync)
            .WithMetadata(new RepeatedParameter(FilterWords.Course))
            .WithName("GetCourseComparison")
            .WithTags("Courses")
            .WithSummary("Courses compared")
            .WithDescription("Two to four courses beside each other: mean score, pass rate, minutes, completion and the mean facility of their questions, "
                + "each with its difference from the first course's and the difference's 95 % confidence interval. Means by Welch's method, shares by "
                + "Newcombe's.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter([.. Untaken.Skip(1)])
            .WithExample(
                new CourseComparison(
                    [new ComparedFigure("passRate", "percent", "introduction-to-python", "Introduction to Python", 162, 43.2, -18.1, -26.8, -9, "Newcombe")]),
                AnalyticsJson.Default.CourseComparison)
            .InShapes((CourseComparison comparison) => comparison.Figures, AnalyticsJson.Default.ComparedFigure);

    private static async Task<Results<Ok<CourseComparison>, ProblemHttpResult>> GetComparisonAsync(
        HttpContext context, ActivityDatabase database, CancellationToken cancellationToken)
    {
        var (slugs, filter, complaint) = Read(context.Request);
        if (filter is not null && slugs is [var alone]
            && (await database.FindAsync(context, filter with { Course = alone }, CourseQuery.One(filter with { Course = alone }),
            cancellationToken)).Unknown is { } mistyped)
        {
            return FilteredAnswers.NotFound(mistyped); // Worth more than the word that one is too few.
        }

        if (complaint is not null)
        {
            return TypedResults.Problem(complaint, statusCode: StatusCodes.Status400BadRequest);
        }

        var (comparison, unknown) = await ComparisonQuery.ReadAsync(context, database, slugs, filter!, cancellationToken);
        return comparison is null ? FilteredAnswers.NotFound(unknown!) : TypedResults.Ok(comparison);
    }

    /// <summary>Reads which courses are compared, and over which attempts.</summary>
    /// <returns>The courses and the filter, or a sentence that says what is wrong.</returns>
    public static (string[] Slugs, Filter? Filter, string? Complaint) Read(HttpRequest request)
    {
        // Anew from the address: the output cache has sorted the values of request.Query.
        string[] slugs = [.. QueryHelpers.ParseQuery(request.QueryString.Value).GetValueOrDefault(FilterWords.Course).OfType<string>().Distinct()];
        var (filter, complaint) = Filter.Read(name => name == FilterWords.Course ? null : (string?)request.Query[name]);
        return (slugs, filter, complaint ?? (slugs.Length is >= 2 and <= ComparisonQuery.MostCourses ? null
            : $"A comparison is of two to {ComparisonQuery.MostCourses} different courses: give the parameter course once for each, by its slug."));
    }
}
