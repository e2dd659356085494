using System.Buffers.Text;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Decimal columns: one scale for all values of a column, and 38 digits in all, as Arrow's and Parquet's 128 bits have.</summary>
internal static class Decimals
{
    /// <summary>The digits of a column's values, before and after the point.</summary>
    public const int Precision = 38;

    // A decimal holds any number of so many digits.
    private const int ExactDigits = 28;

    /// <summary>The digits after the point that the column's values need.</summary>
    public static int Scale(DecimalDataFrameColumn column) =>
        Math.Max(column.Max(number => number?.Scale) ?? 0, (column as NumericDataFrameColumn)?.LeastScale ?? 0);

    /// <summary>The digits before the point that they need, at least one.</summary>
    public static int WholeDigits(DecimalDataFrameColumn column)
    {
        var largest = column.Max(number => number is { } known ? Math.Abs(known) : (decimal?)null) ?? 0;
        var digits = 1;
        for (; largest >= 10; largest /= 10)
        {
            digits++;
        }

        return digits;
    }

    /// <summary>Whether the values, all with one scale, have no more digits than there are.</summary>
    public static bool Fit(DecimalDataFrameColumn column) => Fit(column, Scale(column));

    /// <summary>Whether the values have no more digits than there are, and none behind the scale.</summary>
    public static bool Fit(DecimalDataFrameColumn column, int scale) => Scale(column) <= scale && WholeDigits(column) + scale <= Precision;

    /// <summary>Reads a number as PostgreSQL writes one, if no digit gets lost.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out decimal number) =>
        Utf8Parser.TryParse(utf8, out number, out var read) && read == utf8.Length
            && utf8.Length - utf8.Count((byte)'-') - utf8.Count((byte)'.') <= ExactDigits;

    /// <summary>Why a part of a table can't be written.</summary>
    public static InvalidDataException DoesNotFit(DataFrameColumn column) =>
        new($"The column {column.Name} has numbers with more digits than its first rows tell; give it a type by ::numeric(38, 10), ::float8 or ::text.");
}
