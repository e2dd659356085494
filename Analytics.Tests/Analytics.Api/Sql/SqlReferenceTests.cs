namespace Analytics.Tests.Analytics.Api.Sql;

public sealed class SqlReferenceTests(SqlApi sql) : IClassFixture<SqlApi>
{
    [Fact]
    public async Task The_reference_lists_what_statements_may_use()
    {
        var list = await sql.Api.GetAsync("/api/schema/functions");
        var functions = list["functions"]!.AsArray().GroupBy(function => (string)function!["subject"]!, function => (string)function!["name"]!);

        await SqlReference.ListsAreAsync(functions.Select(subject => (subject.Key, subject.ToArray())), list["types"]!.AsArray().Select(type => (string)type!));
    }

    [Fact]
    public async Task Every_function_that_is_listed_is_one_of_some_version_of_PostgreSQL_and_none_twice()
    {
        Assert.Equal(SqlReference.Functions().Distinct(), SqlReference.Functions());
        await using var owner = Npgsql.NpgsqlDataSource.Create(sql.Database);
        await using var command =
            owner.CreateCommand("select array_agg(name) from unnest($1) listed (name) where not exists (select from pg_proc where proname = name)");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = SqlReference.Functions().ToArray() });

        // What newer versions than the tests' have.
        string[] newer =
        [
            "any_value", "json_agg_strict", "jsonb_agg_strict", "json_object_agg_strict", "jsonb_object_agg_strict", "json_object_agg_unique",
            "jsonb_object_agg_unique", "json_object_agg_unique_strict", "jsonb_object_agg_unique_strict", "erf", "erfc", "gamma", "lgamma", "random_normal",
            "casefold", "to_bin", "to_oct", "crc32", "crc32c", "date_add", "date_subtract", "array_sample", "array_shuffle", "array_sort", "array_reverse",
        ];
        Assert.Empty(((string[]?)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)) ?? []).Except(newer));
    }
}
