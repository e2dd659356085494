using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>What the statements that add to rollup tables have in common: sums by key, sent as one array for each column.</summary>
internal static class RollupCommands
{
    /// <summary>The sums of a key, new ones where it has none yet.</summary>
    public static ref TRow Of<TKey, TRow>(Dictionary<TKey, TRow> rows, TKey key)
        where TKey : notnull
        where TRow : struct =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(rows, key, out _);

    /// <summary>The rows that change anything, by key.</summary>
    public static KeyValuePair<TKey, TRow>[] Changed<TKey, TRow>(Dictionary<TKey, TRow> rows)
        where TKey : notnull
        where TRow : struct, IEquatable<TRow>
    {
        KeyValuePair<TKey, TRow>[] changed = [.. rows.Where(row => !row.Value.Equals(default))];
        Array.Sort(changed, (one, other) => Comparer<TKey>.Default.Compare(one.Key, other.Key));
        return changed;
    }

    public static NpgsqlParameter<T[]> Column<TRow, T>(TRow[] rows, Converter<TRow, T> value) =>
        new NpgsqlParameter<T[]> { TypedValue = Array.ConvertAll(rows, value) };

    /// <summary>An array as PostgreSQL writes it: it has no arrays of arrays of different lengths.</summary>
    public static string ArrayText<TItem, T>(TItem[] items, Func<TItem, T> value)
        where T : IFormattable
    {
        var text = new StringBuilder("{");
        foreach (var item in items)
        {
            text.Append(text.Length > 1 ? "," : "").Append(CultureInfo.InvariantCulture, $"{value(item)}");
        }

        return text.Append('}').ToString();
    }

    public static NpgsqlBatchCommand Command(string sql, params NpgsqlParameter[] columns)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(column);
        }

        return command;
    }
}
