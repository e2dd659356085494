using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Analytics.Api.Filters;
using Analytics.Api.Shapes;
using Microsoft.AspNetCore.Mvc;

namespace Analytics.Api.Export;

/// <summary>Whole tables, to take elsewhere.</summary>
internal static class ExportEndpoints
{
    /// <summary>The shapes that can be streamed, the usual one first.</summary>
    public static readonly IReadOnlyList<Shape> Shapes = [Shape.Parquet, Shape.Arrow, Shape.Csv, Shape.Ndjson];

    public static void MapExport(this IEndpointRouteBuilder api) =>
        api.MapGet("/export/{table}", GetExport)
            .WithName("GetExport")
            .WithTags("Export")
            .WithSummary("A whole table")
            .WithDescription(
                "Every attempt, every answer or every option of an answer that the filter leaves, a row each, of one snapshot, streamed in bounded memory: "
                + "with the columns of the views `attempts`, `answers` and `answer_options` of /api/schema, and `ingest_transaction`. "
                + "The header `Next-Since` says from where the next export goes on: `since` with it answers all rows of the attempts that came or changed "
                    + "after "
                + "this one, and some that were in it, so take of a `user_exam_id` the rows with the greatest `ingest_transaction`. "
                + "An answer that breaks off breaks the connection.")
            .Produces(StatusCodes.Status200OK, contentType: Shape.Parquet.MediaType)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .TakesFilter((FilterWords.PassMark, "nothing here passes or fails"))
            .InShapes(Shapes);

    private static ExportResult GetExport(
        [FromRoute, AllowedValues("attempts", "answers", "options", ErrorMessage = $"What is exported is {ExportTable.Names}.")]
        [Description("Which table.")] string table,
        [FromQuery, Range(0.0, 9e18), Description("Only of attempts that came or changed since then: the `Next-Since` of an earlier export.")] long? since,
        Filter filter, HttpRequest request) =>
        new(ExportTable.Of(table)!, filter, since, Shape.Of(request, Shapes)!);
}
