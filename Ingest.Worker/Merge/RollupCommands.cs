using System.Runtime.InteropServices;
using Npgsql;

namespace Ingest.Worker.Merge;

/// <summary>What the statements that add to rollup tables have in common: sums by key, sent as one array for each column.</summary>
internal static class RollupCommands
{
    /// <summary>The sums of a key, new ones where it has none yet.</summary>
    public static TRow Of<TKey, TRow>(Dictionary<TKey, TRow> rows, TKey key)
        where TKey : notnull
        where TRow : new()
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, key, out _);
        return row ??= new TRow();
    }

    public static NpgsqlParameter<T[]> Column<TRow, T>(TRow[] rows, Converter<TRow, T> value) => new NpgsqlParameter<T[]> { TypedValue = Array.ConvertAll(rows, value) };

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
