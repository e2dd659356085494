using System.Text;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Writes a table in a shape other than JSON.</summary>
internal sealed class TableResult(DataFrame table, Shape shape) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var cancellationToken = httpContext.RequestAborted;
        response.Headers.XContentTypeOptions = "nosniff";
        if (shape == Shape.Arrow || shape == Shape.Parquet)
        {
            response.ContentType = shape.MediaType;
            await using var output = response.BodyWriter.AsStream(leaveOpen: true);
            await (shape == Shape.Arrow ? ArrowTable.WriteAsync(table, output, cancellationToken) : ParquetTable.WriteAsync(table, output, cancellationToken));
            return;
        }

        response.ContentType = $"{shape.MediaType}; charset=utf-8";
        await using var text = new StreamWriter(response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: shape == Shape.CsvForExcel), bufferSize: 16 * 1024, leaveOpen: true);
        foreach (var line in Lines(httpContext.Request.Path))
        {
            await text.WriteAsync(line.AsMemory(), cancellationToken);
        }
    }

    private IEnumerable<string> Lines(string title) => shape switch
    {
        _ when shape == Shape.Csv => TextTables.Csv(table),
        _ when shape == Shape.CsvForExcel => TextTables.CsvForSpreadsheets(table),
        _ when shape == Shape.Markdown => TextTables.Markdown(table),
        _ => TextTables.Html(table, title),
    };
}
