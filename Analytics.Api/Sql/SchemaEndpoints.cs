using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Analytics.Api.Sql;

/// <summary>What there is to ask by SQL: the views, and questions ready to be sent.</summary>
internal static class SchemaEndpoints
{
    private static readonly SqlSchema Example = new(
        [new("events", "An event (a keen_id), with how often it was delivered.", [new("events", "keen_id", "text", "Id of the event.")])]);

    public static void MapSchema(this IEndpointRouteBuilder api) =>
        api.MapGet("/schema", GetSchemaAsync)
            .WithName("GetSchema")
            .WithTags("SQL")
            .WithSummary("The views")
            .WithDescription("The views that /api/sql can ask, each column with its type and meaning.")
            .TakesNoFilter("the views hold all attempts")
            .WithExample(Example, AnalyticsJson.Default.SqlSchema)
            .InShapes((SqlSchema schema) => schema.Views.SelectMany(view => view.Columns), AnalyticsJson.Default.SqlViewColumn);

    public static void MapFunctions(this IEndpointRouteBuilder api) =>
        api.MapGet("/schema/functions", () => TypedResults.Ok(Vocabulary.List))
            .WithName("GetSqlFunctions")
            .WithTags("SQL")
            .WithSummary("What statements may use")
            .WithDescription("The functions of PostgreSQL that a statement for /api/sql may call, and the types that it may name. Operators and casts "
                + "between the types need no naming.")
            .TakesNoFilter("a statement says itself what it is about")
            .WithExample(new SqlVocabulary([new("Aggregates", "count")], ["int8"]), AnalyticsJson.Default.SqlVocabulary)
            .InShapes((SqlVocabulary list) => list.Functions, AnalyticsJson.Default.SqlFunction);

    public static void MapReadyQueries(this IEndpointRouteBuilder api) =>
        api.MapGet("/schema/queries", () => TypedResults.Ok(new ReadyQueryList(ReadyQueries.All)))
            .WithName("GetReadyQueries")
            .WithTags("SQL")
            .WithSummary("Ready-made queries")
            .WithDescription("Questions that reports on this data set ask, each with the statement that answers it.")
            .TakesNoFilter("a statement says itself what it is about")
            .WithExample(new ReadyQueryList([ReadyQueries.All[0]]), AnalyticsJson.Default.ReadyQueryList)
            .InShapes((ReadyQueryList list) => list.Queries, AnalyticsJson.Default.ReadyQuery);

    private static async Task<Ok<SqlSchema>> GetSchemaAsync(HttpContext context, ActivityDatabase database, CancellationToken cancellationToken) =>
        TypedResults.Ok(await database.AnswerAsync(context, SchemaQuery.All, cancellationToken));
}
