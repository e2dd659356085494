using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Analytics.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Analytics.Api.Shapes;

/// <summary>Gives tabular endpoints their shapes.</summary>
internal static class ShapeExtensions
{
    /// <summary>Answers in JSON as the handler gives it, or its rows as a table in another shape.</summary>
    /// <param name="endpoint">An endpoint whose handler answers <typeparamref name="TAnswer"/>.</param>
    /// <param name="rows">The table in the answer.</param>
    /// <param name="json">How a row is written in JSON: its plain fields become the columns.</param>
    public static RouteHandlerBuilder InShapes<TAnswer, TRow>(
        this RouteHandlerBuilder endpoint, Func<TAnswer, IEnumerable<TRow>> rows, JsonTypeInfo<TRow> json) => endpoint
        .InShapes()
        .AddEndpointFilter(async (context, next) =>
        {
            var shape = Shape.Of(context.HttpContext.Request)!;
            var result = await next(context);
            return shape != Shape.Json && Unwrap(result) is Ok<TAnswer> { Value: { } answer }
                ? new TableResult(Table.Of(rows(answer), json), shape)
                : result;
        });

    /// <summary>Lets only requests through that want one of the shapes; the handler answers in <see cref="Shape.Of(HttpRequest)"/> it.</summary>
    public static RouteHandlerBuilder InShapes(this RouteHandlerBuilder endpoint) => endpoint.InShapes(Shape.All);

    /// <summary>The same for an endpoint that answers in some of the shapes; the first is for those who don't say.</summary>
    public static RouteHandlerBuilder InShapes(this RouteHandlerBuilder endpoint, IReadOnlyList<Shape> shapes) => endpoint
        .WithMetadata(new FurtherParameters("format", "for"))
        .ProducesProblem(StatusCodes.Status406NotAcceptable)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            Describe(operation, shapes);
            return Task.CompletedTask;
        })
        .AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.Append("Vary", "Accept");
            if (Shape.Of(http.Request, shapes) is null)
            {
                var (status, detail) = Shape.Refusal(http.Request, shapes);
                return Problem.Of(status, detail);
            }

            return await next(context);
        });

    private static object? Unwrap(object? result) => result is INestedHttpResult nested ? nested.Result : result;

    private static void Describe(OpenApiOperation operation, IReadOnlyList<Shape> shapes)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "format",
            In = ParameterLocation.Query,
            Description = "The shape of the answer; without it, what Accept asks for.",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. shapes.Select(shape => (JsonNode)shape.Format)],
                Default = shapes[0].Format,
            },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "for",
            In = ParameterLocation.Query,
            Description = "With format=csv: CSV for a spreadsheet, with a byte-order mark and an apostrophe before texts that would run as formulas. "
                + "Without it every text is exact.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [(JsonNode)Shape.Excel] },
        });
        if (operation.Responses?["200"].Content is { } content)
        {
            foreach (var shape in shapes.Where(shape => shape != Shape.Json))
            {
                content[shape.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            }
        }
    }
}
