using Microsoft.Data.Analysis;
using Parquet;
using Parquet.Schema;

namespace Analytics.Api.Shapes;

/// <summary>Tables as Apache Parquet: the types of <see cref="ArrowTable"/> under Parquet's names, rows in groups.</summary>
internal static class ParquetTable
{
    // So many rows of a column are in memory twice.
    private const int RowsPerGroup = 65_536;

    /// <summary>Writes a table that comes in parts, of which the first tells the types.</summary>
    /// <exception cref="InvalidDataException">A later part has what the types don't hold.</exception>
    public static async Task WriteAsync(IAsyncEnumerable<DataFrame> parts, Stream output, CancellationToken cancellationToken)
    {
        ParquetWriter? file = null;
        DataField[] fields = [];
        try
        {
            await foreach (var table in parts.WithCancellation(cancellationToken))
            {
                if (file is null)
                {
                    fields = [.. table.Columns.Select(FieldOf)];
                    file = await ParquetWriter.CreateAsync(
                        new ParquetSchema(fields), output, new ParquetOptions { CompressionMethod = CompressionMethod.Snappy },
                        cancellationToken: cancellationToken);
                }

                await WriteAsync(table, fields, file, cancellationToken);
                await output.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private static async Task WriteAsync(DataFrame table, DataField[] fields, ParquetWriter file, CancellationToken cancellationToken)
    {
        for (long start = 0; start < table.Rows.Count; start += RowsPerGroup)
        {
            using var group = file.CreateRowGroup();
            var count = (int)Math.Min(RowsPerGroup, table.Rows.Count - start);
            for (var i = 0; i < fields.Length; i++)
            {
                if (fields[i] is DecimalDataField number && !(table.Columns[i] is DecimalDataFrameColumn values && Decimals.Fit(values, number.Scale)))
                {
                    throw Decimals.DoesNotFit(table.Columns[i]);
                }

                await WriteAsync(group, fields[i], table.Columns[i], start, count, cancellationToken);
            }
        }
    }

    private static DataField FieldOf(DataFrameColumn column) => column switch
    {
        Int64DataFrameColumn => new DataField<long>(column.Name, nullable: true),
        DoubleDataFrameColumn => new DataField<double>(column.Name, nullable: true),
        DecimalDataFrameColumn number => new DecimalDataField(column.Name, Decimals.Precision, Decimals.Scale(number), isNullable: true),
        BooleanDataFrameColumn => new DataField<bool>(column.Name, nullable: true),
        LocalTimeDataFrameColumn => Time(column.Name, isUtc: false),
        DateTimeDataFrameColumn => Time(column.Name, isUtc: true),
        PrimitiveDataFrameColumn<DateOnly> => new DataField<DateOnly>(column.Name, nullable: true),
        StringDataFrameColumn => new DataField<string>(column.Name, nullable: true),
        _ => throw new NotSupportedException($"No Parquet type is chosen for the column {column.Name}."),
    };

    private static DateTimeDataField Time(string name, bool isUtc) => new(name, DateTimeFormat.Timestamp, isUtc, DateTimeTimeUnit.Micros, isNullable: true);

    private static Task WriteAsync(
        ParquetRowGroupWriter group, DataField field, DataFrameColumn column, long start, int count, CancellationToken cancellationToken) => column switch
        {
            Int64DataFrameColumn values => group.WriteAsync<long>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            DoubleDataFrameColumn values => group.WriteAsync<double>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            DecimalDataFrameColumn values => group.WriteAsync<decimal>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            BooleanDataFrameColumn values => group.WriteAsync<bool>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            DateTimeDataFrameColumn values => group.WriteAsync<DateTime>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            PrimitiveDataFrameColumn<DateOnly> values => group.WriteAsync<DateOnly>(field, Slice(values, start, count), cancellationToken: cancellationToken),
            StringDataFrameColumn values => group.WriteAsync(field, Enumerable.Range(0, count).Select(i => values[start + i]).ToArray()),
            _ => throw new NotSupportedException($"No Parquet type is chosen for the column {column.Name}."),
        };

    private static ReadOnlyMemory<T?> Slice<T>(PrimitiveDataFrameColumn<T> column, long start, int count) where T : unmanaged
    {
        var values = new T?[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = column[start + i];
        }

        return values;
    }
}
