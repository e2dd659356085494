using Analytics.Api.Database;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Analytics.Api.Filters;

/// <summary>Answers over what a filter leaves, or the problem that it names what is not there.</summary>
internal static class FilteredAnswers
{
    /// <summary>Answers one query, all of one snapshot.</summary>
    public static async Task<Results<Ok<T>, ProblemHttpResult>> AnswerAsync<T>(
        this ActivityDatabase database, HttpContext context, Filter filter, Query<T> query, CancellationToken cancellationToken)
    {
        var (answer, unknown) = await database.FindAsync(context, filter, query, cancellationToken);
        return unknown is null ? TypedResults.Ok(answer) : NotFound(unknown);
    }

    /// <summary>Asks one query, all of one snapshot.</summary>
    /// <returns>What it answers, or a sentence if the filter names what is not there.</returns>
    public static async Task<(T? Answer, string? Unknown)> FindAsync<T>(
        this ActivityDatabase database, HttpContext context, Filter filter, Query<T> query, CancellationToken cancellationToken)
    {
        var known = Known.Check(filter);
        await using var reader = await database.QueryAsync(context, [known, query], cancellationToken);
        return await known.ReadAsync(reader, cancellationToken) is { } unknown ? (default, unknown) : (await query.ReadAsync(reader, cancellationToken), null);
    }

    public static ProblemHttpResult NotFound(string unknown) => TypedResults.Problem(unknown, statusCode: StatusCodes.Status404NotFound);
}
