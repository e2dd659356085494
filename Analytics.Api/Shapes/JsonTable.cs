using System.Text.Json;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Tables as JSON: an array with an object a row.</summary>
internal static class JsonTable
{
    private const int FlushAt = 32 * 1024;

    /// <summary>Writes the rows; what was written leaves as soon as there is some of it.</summary>
    public static async Task WriteAsync(Utf8JsonWriter json, DataFrame table, CancellationToken cancellationToken)
    {
        var names = table.Columns.Select(column => JsonEncodedText.Encode(column.Name, AnalyticsJson.Readable.Options.Encoder)).ToArray();
        json.WriteStartArray();
        for (long row = 0; row < table.Rows.Count; row++)
        {
            json.WriteStartObject();
            for (var i = 0; i < names.Length; i++)
            {
                json.WritePropertyName(names[i]);
                WriteCell(json, table.Columns[i], row);
            }

            json.WriteEndObject();
            if (json.BytesPending >= FlushAt)
            {
                await json.FlushAsync(cancellationToken);
            }
        }

        json.WriteEndArray();
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
