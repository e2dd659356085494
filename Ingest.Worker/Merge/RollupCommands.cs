using System.Runtime.InteropServices;
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
