using System.Text;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Writes a table in a shape other than JSON.</summary>
internal sealed class TableResult(DataFrame table, Shape shape) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var output = httpContext.Response.BodyWriter.AsStream(leaveOpen: true);
        await WriteAsync(httpContext, new[] { table }.ToAsyncEnumerable(), shape, output);
    }

    /// <summary>Writes a table that comes in parts. CSV, NDJSON, Arrow and Parquet are written part by part, the others are whole in the first.</summary>
    /// <param name="context">The request, whose answer gets the headers.</param>
    /// <param name="parts">At least one.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="output">Leads to the answer's body.</param>
    public static async Task WriteAsync(HttpContext context, IAsyncEnumerable<DataFrame> parts, Shape shape, Stream output)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = shape.IsText ? $"{shape.MediaType}; charset=utf-8" : shape.MediaType;
        await WriteAsync(parts, shape, output, context.Request.Path, context.RequestAborted);
    }

    /// <summary>The same to anywhere.</summary>
    /// <param name="parts">At least one.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="output">Where to.</param>
    /// <param name="title">What a page is called.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteAsync(IAsyncEnumerable<DataFrame> parts, Shape shape, Stream output, string title, CancellationToken cancellationToken)
    {
        if (shape == Shape.Arrow)
        {
            await ArrowTable.WriteAsync(parts, output, cancellationToken);
        }
        else if (shape == Shape.Parquet)
        {
            await ParquetTable.WriteAsync(parts, output, cancellationToken);
        }
        else if (shape == Shape.Ndjson)
        {
            await JsonTable.WriteLinesAsync(parts, output, cancellationToken);
        }
        else
        {
            await using var text =
                new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: shape == Shape.CsvForExcel), bufferSize: 16 * 1024, leaveOpen: true);
            var isFirst = true;
            await foreach (var table in parts.WithCancellation(cancellationToken))
            {
                foreach (var line in Lines(table, shape, title, isFirst))
                {
                    await text.WriteAsync(line.AsMemory(), cancellationToken);
                }

                isFirst = false;
            }
        }
    }

    private static IEnumerable<string> Lines(DataFrame table, Shape shape, string title, bool isFirst) => shape switch
    {
        _ when shape == Shape.Csv || shape == Shape.CsvForExcel => Csv(table, forSpreadsheets: shape == Shape.CsvForExcel, isFirst),
        _ when shape == Shape.Markdown => TextTables.Markdown(table),
        _ => TextTables.Html(table, title),
    };

    private static IEnumerable<string> Csv(DataFrame table, bool forSpreadsheets, bool isFirst)
    {
        var rows = TextTables.CsvRows(table, forSpreadsheets);
        return isFirst ? rows.Prepend(TextTables.CsvHeader(table, forSpreadsheets)) : rows;
    }
}
