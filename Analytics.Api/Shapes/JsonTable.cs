using System.Buffers;
using System.Text.Json;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Tables as JSON: an object a row, in an array or each in a line.</summary>
internal static class JsonTable
{
    private const int FlushAt = 32 * 1024;

    /// <summary>Writes the rows as an array; what was written leaves as soon as there is some of it.</summary>
    public static async Task WriteAsync(Utf8JsonWriter json, DataFrame table, CancellationToken cancellationToken)
    {
        var names = Names(table);
        json.WriteStartArray();
        for (long row = 0; row < table.Rows.Count; row++)
        {
            WriteRow(json, table, names, row);
            if (json.BytesPending >= FlushAt)
            {
                await json.FlushAsync(cancellationToken);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Writes each row as a line of its own (NDJSON).</summary>
    public static async Task WriteLinesAsync(IAsyncEnumerable<DataFrame> parts, Stream output, CancellationToken cancellationToken)
    {
        var lines = new ArrayBufferWriter<byte>(2 * FlushAt);
        await using var json = new Utf8JsonWriter(lines, new JsonWriterOptions { Encoder = AnalyticsJson.Readable.Options.Encoder });
        await foreach (var table in parts.WithCancellation(cancellationToken))
        {
            var names = Names(table);
            for (long row = 0; row < table.Rows.Count; row++)
            {
                WriteRow(json, table, names, row);
                json.Flush();
                json.Reset();
                lines.Write("\n"u8);
                if (lines.WrittenCount >= FlushAt)
                {
                    await output.WriteAsync(lines.WrittenMemory, cancellationToken);
                    lines.ResetWrittenCount();
                }
            }
        }

        await output.WriteAsync(lines.WrittenMemory, cancellationToken);
    }

    private static JsonEncodedText[] Names(DataFrame table) =>
        [.. table.Columns.Select(column => JsonEncodedText.Encode(column.Name, AnalyticsJson.Readable.Options.Encoder))];

    private static void WriteRow(Utf8JsonWriter json, DataFrame table, JsonEncodedText[] names, long row)
    {
        json.WriteStartObject();
        for (var i = 0; i < names.Length; i++)
        {
            json.WritePropertyName(names[i]);
            WriteCell(json, table.Columns[i], row);
        }

        json.WriteEndObject();
    }

    // JSON has no NaN and no Infinity; they are texts, as in PostgreSQL's own JSON.
    private static void WriteCell(Utf8JsonWriter json, DataFrameColumn column, long row)
    {
        switch (column[row])
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Table.Text(column, row));
                break;
        }
    }
}
