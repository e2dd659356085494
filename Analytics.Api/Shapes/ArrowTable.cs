using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>
/// Tables as Apache Arrow: whole numbers as int64, others as float64 or decimal128, times as timestamps in microseconds (with time zone UTC, or
/// with none if they are local), days as date32; rows in batches.
/// </summary>
internal static class ArrowTable
{
    // So many rows are in memory twice.
    private const int RowsPerBatch = 65_536;

    private static readonly TimestampType Time = new(TimeUnit.Microsecond, "UTC");
    private static readonly TimestampType LocalTime = new(TimeUnit.Microsecond, timezone: (string?)null);

    /// <summary>Writes a table that comes in parts, of which the first tells the types.</summary>
    /// <exception cref="InvalidDataException">A later part has what the types don't hold.</exception>
    public static async Task WriteAsync(IAsyncEnumerable<DataFrame> parts, Stream output, CancellationToken cancellationToken)
    {
        Schema? schema = null;
        ArrowStreamWriter? stream = null;
        try
        {
            await foreach (var table in parts.WithCancellation(cancellationToken))
            {
                if (stream is null)
                {
                    schema = new Schema(table.Columns.Select(column => new Field(column.Name, TypeOf(column), nullable: true)), metadata: null);
                    stream = new ArrowStreamWriter(output, schema, leaveOpen: true);
                    await stream.WriteStartAsync(cancellationToken);
                }

                await WriteAsync(table, schema!, stream, cancellationToken);
            }

            await stream!.WriteEndAsync(cancellationToken);
        }
        finally
        {
            stream?.Dispose();
        }
    }

    private static async Task WriteAsync(DataFrame table, Schema schema, ArrowStreamWriter stream, CancellationToken cancellationToken)
    {
        var types = table.Columns.Select((column, i) => Held(column, schema.GetFieldByIndex(i).DataType)).ToArray();
        for (long start = 0; start < table.Rows.Count; start += RowsPerBatch)
        {
            var count = (int)Math.Min(RowsPerBatch, table.Rows.Count - start);
            using var batch = new RecordBatch(schema, table.Columns.Zip(types, (column, type) => ArrayOf(column, type, start, count)), count);
            await stream.WriteRecordBatchAsync(batch, cancellationToken);
        }
    }

    private static IArrowType Held(DataFrameColumn column, IArrowType type) =>
        type is Decimal128Type number && !(column is DecimalDataFrameColumn values && Decimals.Fit(values, number.Scale)) ? throw Decimals.DoesNotFit(
            column) : type;

    private static IArrowType TypeOf(DataFrameColumn column) => column switch
    {
        Int64DataFrameColumn => Int64Type.Default,
        DoubleDataFrameColumn => DoubleType.Default,
        DecimalDataFrameColumn number => new Decimal128Type(Decimals.Precision, Decimals.Scale(number)),
        BooleanDataFrameColumn => BooleanType.Default,
        LocalTimeDataFrameColumn => LocalTime,
        DateTimeDataFrameColumn => Time,
        PrimitiveDataFrameColumn<DateOnly> => Date32Type.Default,
        StringDataFrameColumn => StringType.Default,
        _ => throw new NotSupportedException($"No Arrow type is chosen for the column {column.Name}."),
    };

    private static IArrowArray ArrayOf(DataFrameColumn column, IArrowType type, long start, int count) => column switch
    {
        Int64DataFrameColumn values =>
            Fill(new Int64Array.Builder(), count, (builder, i) => builder.Append(values[start + i])).Build(),
        DoubleDataFrameColumn values =>
            Fill(new DoubleArray.Builder(), count, (builder, i) => builder.Append(values[start + i])).Build(),
        DecimalDataFrameColumn values => Fill(
            new Decimal128Array.Builder((Decimal128Type)type), count, (builder, i) => values[start + i] is { } number ? builder.Append(number)
                : builder.AppendNull()).Build(),
        BooleanDataFrameColumn values => Fill(
            new BooleanArray.Builder(), count, (builder, i) => values[start + i] is { } truth ? builder.Append(truth) : builder.AppendNull()).Build(),
        DateTimeDataFrameColumn values => Fill(
            new TimestampArray.Builder((TimestampType)type), count,
            (builder, i) => values[start + i] is { } time ? builder.Append(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)))
                : builder.AppendNull()).Build(),
        PrimitiveDataFrameColumn<DateOnly> values => Fill(
            new Date32Array.Builder(), count, (builder, i) => values[start + i] is { } day ? builder.Append(day) : builder.AppendNull()).Build(),
        StringDataFrameColumn values => Fill(
            new StringArray.Builder(), count, (builder, i) => values[start + i] is { } text ? builder.Append(text) : builder.AppendNull()).Build(),
        _ => throw new NotSupportedException($"No Arrow type is chosen for the column {column.Name}."),
    };

    private static TBuilder Fill<TBuilder>(TBuilder builder, int count, Func<TBuilder, int, TBuilder> append)
    {
        for (var i = 0; i < count; i++)
        {
            builder = append(builder, i);
        }

        return builder;
    }
}
