using Npgsql;

namespace Analytics.Api.Database;

/// <summary>Columns by their names, and whole results.</summary>
internal static class ReaderExtensions
{
    /// <summary>A column by its name, so that a column more or another order changes nothing; of a nullable type null for null.</summary>
    /// <exception cref="IndexOutOfRangeException">The result has no such column.</exception>
    public static T Get<T>(this NpgsqlDataReader row, string column) => row.GetFieldValue<T>(row.GetOrdinal(column));

    /// <summary>A column of a reference type that may be null.</summary>
    /// <exception cref="IndexOutOfRangeException">The result has no such column.</exception>
    public static T? GetOrNull<T>(this NpgsqlDataReader row, string column) where T : class =>
        row.GetOrdinal(column) is var ordinal && row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);

    /// <summary>Reads every row of a result and goes on to the next one.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        await reader.NextResultAsync(cancellationToken);
        return rows;
    }
}
