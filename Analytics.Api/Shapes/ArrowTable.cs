using Apache.Arrow;
using Apache.Arrow.Types;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Tables as Apache Arrow: whole numbers as int64, the others as float64, times as timestamps in microseconds and UTC.</summary>
internal static class ArrowTable
{
    private static readonly TimestampType Time = new(TimeUnit.Microsecond, "UTC");

    public static RecordBatch Of(DataFrame table)
    {
        var arrays = table.Columns.Select(ArrayOf).ToArray();
        var schema = new Schema(table.Columns.Zip(arrays, (column, array) => new Field(column.Name, array.Data.DataType, nullable: true)), metadata: null);
        return new RecordBatch(schema, arrays, (int)table.Rows.Count);
    }

    private static IArrowArray ArrayOf(DataFrameColumn column) => column switch
    {
        Int64DataFrameColumn whole => whole.Aggregate(new Int64Array.Builder(), (builder, value) => builder.Append(value)).Build(),
        DoubleDataFrameColumn number => number.Aggregate(new DoubleArray.Builder(), (builder, value) => builder.Append(value)).Build(),
        BooleanDataFrameColumn truth => truth.Aggregate(
            new BooleanArray.Builder(), (builder, value) => value is { } known ? builder.Append(known) : builder.AppendNull()).Build(),
        DateTimeDataFrameColumn time => time.Aggregate(
            new TimestampArray.Builder(Time),
            (builder, value) => value is { } known ? builder.Append(new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc))) : builder.AppendNull()).Build(),
        StringDataFrameColumn text => text.Aggregate(new StringArray.Builder(), (builder, value) => value is null ? builder.AppendNull() : builder.Append(value)).Build(),
        _ => throw new NotSupportedException($"No Arrow type is chosen for the column {column.Name}."),
    };
}
