using Analytics.Api.Database;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>What there is to ask.</summary>
internal static class SchemaQuery
{
    // The comments in the database are the one place where the views are described.
    private const string Sql = """
        select relname::text, obj_description(pg_class.oid, 'pg_class') view_comment, attname::text, format_type(atttypid, atttypmod) type,
          col_description(pg_class.oid, attnum) column_comment
        from pg_class join pg_attribute on attrelid = pg_class.oid
        where relnamespace = to_regnamespace('activity') and relkind = 'v' and attnum > 0 and not attisdropped
        order by relname, attnum
        """;

    /// <summary>The views with their columns, by name.</summary>
    public static Query<SqlSchema> All => new([Sql], [], ReadAsync);

    private static async Task<SqlSchema> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var columns = await reader.ReadAllAsync(
            row => (
                Description: row.GetOrNull<string>("view_comment"),
                Column: new SqlViewColumn(
                    row.Get<string>("relname"), row.Get<string>("attname"), row.Get<string>("type"), row.GetOrNull<string>("column_comment"))),
            cancellationToken);
        return new SqlSchema(
            [.. columns.GroupBy(column => column.Column.View).Select(
                view => new SqlView(view.Key, view.First().Description, [.. view.Select(column => column.Column)]))]);
    }
}
