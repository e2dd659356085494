using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Analytics.Api.Access;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Analytics.Api.Sql;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Queries;

/// <summary>Saved queries: what there are, and their answers.</summary>
internal static class QueryEndpoints
{
    private static readonly SavedQuery Example = SavedQuery.Read("attempts-by-month", """
        -- title: Attempts by month
        -- parameter: course text = learning-git -- the course's slug
        select to_char(started_at, 'YYYY-MM') as month, count(*) as attempts from attempts where course_slug = :course group by month order by month
        """);

    public static void MapQueries(this IEndpointRouteBuilder api)
    {
        var queries = api.MapGroup("/queries").WithTags("SQL");
        queries.MapGet("", (QueryFolder folder) => TypedResults.Ok(new SavedQueryList(folder.ReadAll())))
            .RequireScope(Scopes.Read)
            .TakesNoFilter("a query says itself what it is about")
            .WithName("GetQueries")
            .WithSummary("Saved queries")
            .WithDescription("The files of SQL in the folder of saved queries, each with its title and parameters. A file is there as soon as it is written.")
            .WithExample(new SavedQueryList([Example]), AnalyticsJson.Default.SavedQueryList)
            .InShapes((SavedQueryList list) => list.Queries, AnalyticsJson.Default.SavedQuery);
        queries.MapGet("/{name}", GetAnswer)
            .RequireScope(Scopes.Sql)
            .WithMetadata(new ParametersOfItsOwn())
            .WithName("GetQuery")
            .WithSummary("A saved query's answer")
            .WithDescription("Runs a saved query as /api/sql runs a statement, with the same limits and in the same shapes. Its parameters, as /api/queries "
                + "lists them, are query parameters of the same names, and reach PostgreSQL as values, never as text of the statement.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithExample(
                new SqlAnswer([new("month", "text"), new("attempts", "bigint")], [new JsonObject { ["month"] = "2018-01", ["attempts"] = 390 }]),
                AnalyticsJson.Default.SqlAnswer)
            .InShapes();
    }

    private static Results<ProblemHttpResult, SqlResult> GetAnswer(
        [FromRoute, MaxLength(100), Description("The query's name, as /api/queries gives it.")] string name, HttpRequest request, QueryFolder folder)
    {
        if (folder.Find(name) is not { } query)
        {
            return TypedResults.Problem($"There is no saved query \"{name}\"; /api/queries lists them.", statusCode: StatusCodes.Status404NotFound);
        }

        if (request.Query.Keys.FirstOrDefault(key => !IsKnown(query, key)) is { } unknown)
        {
            return TypedResults.Problem(
                $"The parameter \"{unknown}\" is unknown here; known are {string.Join(", ", [.. query.Parameters.Select(parameter => parameter.Name), "format", "for"])}.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        var (statement, complaint) = query.With(parameter => request.Query[parameter]);
        return statement is null ? TypedResults.Problem(complaint, statusCode: StatusCodes.Status400BadRequest) : new SqlResult(statement);
    }

    private static bool IsKnown(SavedQuery query, string key) =>
        key is "format" or "for" || query.Parameters.Any(parameter => string.Equals(parameter.Name, key, StringComparison.OrdinalIgnoreCase));
}
