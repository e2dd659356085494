using System.ComponentModel.DataAnnotations;
using Analytics.Api.Access;
using Analytics.Api.Database;
using Analytics.Api.Http;
using Analytics.Api.Pages;
using Analytics.Api.Queries;
using Analytics.Api.Sql;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Workbench;

/// <summary>The page for SQL: a statement of one's own, or a saved query.</summary>
internal static class AskEndpoints
{
    private const int LongestColumn = 200;

    public static void MapAsk(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/ask", GetStatementAsync).RequireScope(Scopes.Sql);
        pages.MapGet("/ask/{name}", GetQueryAsync).RequireScope(Scopes.Sql).WithMetadata(new ParametersOfItsOwn());
    }

    private static async Task<IResult> GetStatementAsync(
        [FromQuery, MaxLength(SqlOptions.LongestStatement)] string? sql,
        [FromQuery, MaxLength(LongestColumn)] string? x,
        [FromQuery, MaxLength(LongestColumn)] string? y,
        HttpContext context, ActivityDatabase database, QueryFolder folder, CancellationToken cancellationToken)
    {
        var schema = await database.AnswerAsync(context, SchemaQuery.All, cancellationToken);
        var text = sql?.ReplaceLineEndings("\n"); // A form sends what was typed with the line ends of MIME.
        return await AnswerAsync(context, new AskData(schema, folder.ReadAll()) { Text = text ?? "", X = x, Y = y }, text is null ? null : new Statement(text));
    }

    private static async Task<IResult> GetQueryAsync(
        [FromRoute, MaxLength(100)] string name, HttpContext context, ActivityDatabase database, QueryFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Find(name) is not { } query)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"There is no saved query \"{name}\".");
        }

        var asked = context.Request.Query;
        if (asked.Keys.FirstOrDefault(key => key is not ("x" or "y") && !query.Parameters.Any(parameter => parameter.Name == key)) is { } unknown)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"The parameter \"{unknown}\" is unknown here.");
        }

        var (statement, complaint) = query.With(parameter => asked[parameter]);
        var schema = await database.AnswerAsync(context, SchemaQuery.All, cancellationToken);
        var data = new AskData(schema, folder.ReadAll())
        {
            Text = query.Sql,
            Query = query,
            Values = query.Parameters.ToDictionary(parameter => parameter.Name, parameter => (string?)asked[parameter.Name] ?? parameter.Default ?? ""),
            // Who opens a query that needs a value has made no mistake yet.
            Complaint = asked.Count == 0 && query.Complaint is null ? null : complaint,
            X = asked["x"],
            Y = asked["y"],
        };
        return await AnswerAsync(context, data, statement);
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, AskData data, Statement? statement)
    {
        var preview = statement is null ? null : await StatementPreview.RunAsync(context, statement, AskData.MostRows);
        context.Response.Headers.Remove("ETag"); // The answer may be another with the same data.
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = preview?.Failure?.Status ?? (data.Complaint is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
        return PageLayout.Answer(context, AskPage.Render(data with { Answer = preview }));
    }
}

/// <summary>What the page shows.</summary>
internal sealed record AskData(SqlSchema Schema, IReadOnlyList<SavedQuery> Saved)
{
    /// <summary>Rows that are shown; downloads have all.</summary>
    public const int MostRows = 1_000;

    /// <summary>The statement.</summary>
    public required string Text { get; init; }

    /// <summary>The saved query that it is; null for one of one's own.</summary>
    public SavedQuery? Query { get; init; }

    /// <summary>The values of the query's parameters.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Why the query was not run.</summary>
    public string? Complaint { get; init; }

    public StatementPreview? Answer { get; init; }

    /// <summary>The column that the chart has across, if one was chosen.</summary>
    public string? X { get; init; }

    /// <summary>The column that the chart has up, if one was chosen.</summary>
    public string? Y { get; init; }
}
