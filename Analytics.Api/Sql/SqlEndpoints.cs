using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Analytics.Api.Filters;
using Analytics.Api.Http;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Analytics.Api.Sql;

/// <summary>Free questions by SQL.</summary>
internal static class SqlEndpoints
{
    private const string Description =
        "Runs one statement that reads (SELECT, WITH, VALUES, TABLE, EXPLAIN) over the views of /api/schema and the functions of /api/schema/functions, as "
            + "a role of its own in PostgreSQL "
        + "and in a read-only transaction. CSV, NDJSON, Arrow and Parquet are streamed, and break the connection where they fail on the way. In another "
            + "shape an answer with more rows or "
        + "bytes than allowed is refused (422), never cut, and so is one that takes too long. A statement that is wrong is refused (400) with position, "
            + "line and column, with PostgreSQL's "
        + "SQLSTATE where it is PostgreSQL that says so, and with all that it uses and may not.";

    private static readonly SqlAnswer Example = new(
        [new("course", "text"), new("attempts", "bigint")],
        [new JsonObject { ["course"] = "Learning Git", ["attempts"] = 390 }]);

    public static void MapSql(this IEndpointRouteBuilder api)
    {
        Describe(api.MapGet("/sql", GetSql)).WithName("GetSql").WithSummary("Ask by SQL, in the address");
        Describe(api.MapPost("/sql", PostSqlAsync))
            .WithName("PostSql")
            .WithSummary("Ask by SQL")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                var text = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = SqlOptions.LongestStatement } };
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = "A statement, by itself or as {\"query\": …}.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new()
                        {
                            Schema = new OpenApiSchema
                            {
                                Type = JsonSchemaType.Object,
                                Properties = new Dictionary<string, IOpenApiSchema> { ["query"] = text.Schema },
                                Required = new HashSet<string> { "query" },
                            },
                            Example = new JsonObject { ["query"] = "select course, attempts from courses order by attempts desc limit 10" },
                        },
                        ["application/sql"] = text,
                        ["text/plain"] = text,
                    },
                };
                return Task.CompletedTask;
            });
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint
        .WithTags("SQL")
        .TakesNoFilter("a statement says itself what it is about")
        .WithDescription(Description)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithExample(Example, AnalyticsJson.Default.SqlAnswer)
        .InShapes();

    private static SqlResult GetSql(
        [FromQuery, Required, MaxLength(SqlOptions.LongestStatement), Description("One statement that reads.")] string query) => new(new Statement(query));

    private static async Task<IResult> PostSqlAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = request.GetTypedHeaders().ContentType?.MediaType.Value?.ToLowerInvariant();
        if (type is not ("application/json" or "application/sql" or "text/plain"))
        {
            return Problem.Of(StatusCodes.Status415UnsupportedMediaType, "A statement comes as application/sql, text/plain or application/json.");
        }

        try
        {
            var body = await request.BodyReader.ReadAllAsync(cancellationToken);
            var sql = type == "application/json"
                ? JsonSerializer.Deserialize(body, AnalyticsJson.Default.SqlQuestion)?.Query ?? ""
                : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(body);
            return sql.Length <= SqlOptions.LongestStatement
                ? new SqlResult(new Statement(sql))
                : Problem.Of(StatusCodes.Status400BadRequest, $"A statement has at most {SqlOptions.LongestStatement} characters.");
        }
        catch (JsonException)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "The body is not JSON of the form {\"query\": \"select …\"}.");
        }
        catch (DecoderFallbackException)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "The body is not UTF-8.");
        }
    }
}
