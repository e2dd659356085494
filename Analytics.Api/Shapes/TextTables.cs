using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Tables as text, line by line.</summary>
internal static partial class TextTables
{
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n＝＋－＠");
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    /// <summary>The header line of CSV by RFC 4180.</summary>
    public static string CsvHeader(DataFrame table, bool forSpreadsheets) =>
        $"{string.Join(',', table.Columns.Select(column => CsvCell(forSpreadsheets ? Inert(column.Name) : column.Name)))}\r\n";

    /// <summary>
    /// The rows of CSV. Null is nothing, an empty text is "". For spreadsheets, texts that one would run as formulas are made inert by an apostrophe
    /// before them; numbers and times stay as they are.
    /// </summary>
    public static IEnumerable<string> CsvRows(DataFrame table, bool forSpreadsheets)
    {
        for (long row = 0; row < table.Rows.Count; row++)
        {
            yield return $"{string.Join(',', table.Columns.Select(column => CsvCell(Cell(column, row))))}\r\n";
        }

        string? Cell(DataFrameColumn column, long row) =>
            forSpreadsheets && column is StringDataFrameColumn ? Inert(Table.Text(column, row)) : Table.Text(column, row);
    }

    // OWASP's list, with the line feed and the wide forms that some spreadsheets read alike. A plain number is no formula.
    private static string? Inert(string? text) =>
        text is [var first, ..] && FormulaStarts.Contains(first) && !Number().IsMatch(text) ? $"'{text}" : text;

    /// <summary>A table of GitHub-flavoured Markdown, numbers to the right.</summary>
    public static IEnumerable<string> Markdown(DataFrame table)
    {
        yield return MarkdownRow(table.Columns.Select(column => column.Name));
        yield return MarkdownRow(table.Columns.Select(column => column.IsNumericColumn() ? "---:" : "---"));
        for (long row = 0; row < table.Rows.Count; row++)
        {
            yield return MarkdownRow(table.Columns.Select(column => Table.Text(column, row)));
        }
    }

    /// <summary>A page with one table and nothing from elsewhere.</summary>
    public static IEnumerable<string> Html(DataFrame table, string title)
    {
        yield return $$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{Encode(title)}}</title>
            <style>
            :root { color-scheme: light dark } body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; overflow-x: auto }
            table { border-collapse: collapse } caption { text-align: left; font-weight: 600; padding-bottom: .5rem }
            th, td { padding: .2rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentcolor 25%, transparent); text-align: left } .n { text-align: right; font-variant-numeric: tabular-nums }
            </style></head>
            <body><table><caption>{{Encode(title)}}</caption>
            <thead><tr>{{string.Concat(table.Columns.Select(column => $"<th scope=\"col\"{Side(column)}>{Encode(column.Name)}</th>"))}}</tr></thead>
            <tbody>

            """;
        for (long row = 0; row < table.Rows.Count; row++)
        {
            yield return $"<tr>{string.Concat(table.Columns.Select(column => $"<td{Side(column)}>{Encode(Table.Text(column, row) ?? "")}</td>"))}</tr>\n";
        }

        yield return "</tbody></table></body></html>\n";
    }

    private static string CsvCell(string? text) => text switch
    {
        null => "",
        "" => "\"\"",
        _ when text.AsSpan().ContainsAny(Quoted) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => text,
    };

    private static string MarkdownRow(IEnumerable<string?> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell is null ? null : MarkdownText.Escape(cell)))} |\n";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string Side(DataFrameColumn column) => column.IsNumericColumn() ? " class=\"n\"" : "";

    [GeneratedRegex(@"^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
