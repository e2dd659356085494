using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Data.Analysis;

namespace Analytics.Api.Shapes;

/// <summary>Tables as data frames, which is also what a .NET notebook works with.</summary>
internal static class Table
{
    private const string LocalTime = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF";
    private const string Time = LocalTime + "'Z'";

    /// <summary>A frame of a column for each plain field that a row has in JSON, under the same name; lists are left out.</summary>
    public static DataFrame Of<TRow>(IEnumerable<TRow> rows, JsonTypeInfo<TRow> json)
    {
        var all = rows.ToArray();
        return new DataFrame(json.Properties.Where(property => property.Get is not null).Select(property => Column(property, all)).OfType<DataFrameColumn>());
    }

    /// <summary>A cell as text: numbers so that they read back equal, times in ISO 8601, with a Z where they are UTC; null for null.</summary>
    public static string? Text(DataFrameColumn column, long row) => column[row] switch
    {
        null => null,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(column is LocalTimeDataFrameColumn ? LocalTime : Time, CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    private static DataFrameColumn? Column<TRow>(JsonPropertyInfo property, TRow[] rows)
    {
        var values = rows.Select(row => property.Get!(row!));
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(string) => new StringDataFrameColumn(property.Name, values.Cast<string?>()),
            _ when type == typeof(long) => new Int64DataFrameColumn(property.Name, values.Cast<long?>()),
            _ when type == typeof(int) => new Int64DataFrameColumn(property.Name, values.Select(value => (long?)(int?)value)),
            _ when type == typeof(double) => new DoubleDataFrameColumn(property.Name, values.Cast<double?>()),
            _ when type == typeof(bool) => new BooleanDataFrameColumn(property.Name, values.Cast<bool?>()),
            _ when type == typeof(DateTimeOffset) =>
                new DateTimeDataFrameColumn(property.Name, values.Select(value => ((DateTimeOffset?)value)?.UtcDateTime)),
            _ => null,
        };
    }
}
