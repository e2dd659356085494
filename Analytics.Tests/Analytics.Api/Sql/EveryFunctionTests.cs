using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Analytics.Tests.Analytics.Api.Sql;

/// <summary>
/// Every function of the server that docs/reference/sql.md does not list, called in every way there is. The list of what is allowed is told here once more, on
/// purpose.
/// </summary>
public sealed partial class EveryFunctionTests(SqlApi sql) : IClassFixture<SqlApi>
{
    // As long as a statement may be, less what is put around.
    private const int LongestBatch = 18_000;

    /// <summary>What the documentation says: functions of a listed name over listed types, and what operators and casts between these call.</summary>
    private const string Prepare = """
        create temporary table taken as
        with types as (
          select of_one.oid from pg_type named join pg_type of_one on of_one.oid in (named.oid, named.typarray)
          where named.typnamespace = 'pg_catalog'::regnamespace and named.typname = any($2)),
        written as (select oid from types union select oid from pg_type where typname in ('any', 'anyelement', 'anyarray', 'anynonarray', 'anyenum', 'anyrange', 'anymultirange',
          'anycompatible', 'anycompatiblearray', 'anycompatiblenonarray', 'anycompatiblerange', 'anycompatiblemultirange'))
        select oid from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace
          and not exists (select from unnest(proargtypes) argument (type) where type not in (select oid from written))
          and (prorettype in (select oid from written) or proname = 'pg_typeof')
          and (proname = any($1)
            or oid in (select oprcode from pg_operator where oprright in (select oid from written) and oprleft in (select oid from written union select 0))
            or oid in (select castfunc from pg_cast where castsource in (select oid from types) and casttarget in (select oid from types)));

        -- A value of each type that can be written; what stands for any type is a number.
        create function pg_temp.value_of(type oid) returns text language sql as $$
          select case
            when typname in ('any', 'anyelement', 'anynonarray', 'anycompatible', 'anycompatiblenonarray') then 'null::int'
            when typname in ('anyarray', 'anycompatiblearray') then 'null::int[]'
            when typname in ('anyrange', 'anycompatiblerange') then 'null::int4range'
            when typname in ('anymultirange', 'anycompatiblemultirange') then 'null::int4multirange'
            when typname = 'record' then 'row(1)'
            when typname in ('regclass', 'regcollation', 'regconfig', 'regdictionary', 'regnamespace', 'regoper', 'regoperator', 'regproc', 'regprocedure', 'regrole', 'regtype', 'aclitem')
              then 'null' -- Their names are refused wherever they stand.
            else 'null::' || format_type(oid, null) end
          from pg_type where oid = type $$;

        create temporary table calls as
        select p.oid, w.written, row_number() over () as n
        from pg_proc p
          cross join lateral (select coalesce(string_agg(pg_temp.value_of(type), ', ' order by ordinality), '') as arguments, count(*) as number, min(pg_temp.value_of(type)) as sole
            from unnest(p.proargtypes) with ordinality a (type, ordinality)) a
          cross join lateral (
            select format('pg_catalog.%I(%s)', proname, arguments)
            union all select format('%s /* */ (%s)', upper(proname), arguments) where proname ~ '^[a-z_0-9]+$'
            union all select format('"pg_catalog" . "%s" (%s)', proname, arguments)
            union all select format('(%s).%I', sole, proname) where number = 1
            union all select format('(select v.%I from (select 1 as one) v)', proname) where number = 1
            union all select format('(select count(*) from (select 1) one, lateral %I(%s) two)', proname, arguments) where prokind = 'f'
            union all select format('(with a (b) as (select %I(%s)) select 1 from a)', proname, arguments)
            union all select format('(select 1 from (select 1) a order by (select 1 limit (select count(%I(%s)))))', proname, arguments) where prokind = 'f'
            union all select format('%I(%s) over ()', proname, arguments) where prokind in ('a', 'w')
            union all select format('%I(%s) filter (where true)', proname, arguments) where prokind = 'a'
            union all select format('%I(variadic %s)', proname, arguments) where provariadic <> 0
            union all select format('%s operator(%s.%s) %s', case oprleft when 0 then '' else pg_temp.value_of(oprleft) end, oprnamespace::regnamespace, oprname, pg_temp.value_of(oprright))
              from pg_operator where oprcode = p.oid
            union all select format('(%s)::%s', pg_temp.value_of(castsource), format_type(casttarget, null)) from pg_cast where castfunc = p.oid
            union all select format('cast(%s as %s)', pg_temp.value_of(castsource), format_type(casttarget, null)) from pg_cast where castfunc = p.oid) w (written)
        where p.oid not in (select oid from taken) and not p.proargtypes::oid[] && array['internal'::regtype::oid, 'trigger'::regtype::oid];

        -- Whether PostgreSQL takes it, and as a call of that function.
        create function pg_temp.calls(written text, function oid) returns boolean language plpgsql as $$
        declare tree text;
        begin
          begin
            execute 'create temporary view one as select exists (select ' || written || ')';
            select ev_action into tree from pg_rewrite where ev_class = 'pg_temp.one'::regclass;
            raise exception using errcode = 'ZZ001';
          exception when others then
            return sqlstate = 'ZZ001' and tree ~ (':(funcid|opfuncid|aggfnoid|winfnoid) ' || function || ' ');
          end;
        end $$;
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_function_outside_the_list_runs_however_it_is_called()
    {
        var calls = await CallsAsync();
        Assert.True(calls.Count > 5000, $"Only {calls.Count} calls were found.");

        var missed = new List<string>();
        foreach (var call in calls.Where(call => CatalogueType().IsMatch(call.Written)))
        {
            await sql.RefusedAsync($"select {call.Written}");
        }

        foreach (var batch in Batches(calls.Where(call => !CatalogueType().IsMatch(call.Written))))
        {
            var problem = await sql.RefusedAsync($"select {string.Join(",\n", batch.Select(call => call.Written))}");
            var refused = problem["refused"]!.AsArray().Select(name => (string)name!).ToHashSet();
            missed.AddRange(batch.Where(call => !refused.Contains(call.Function)).Select(call => $"{call.Function} as {call.Written}"));
        }

        Assert.Empty(missed);
    }

    [Fact]
    public async Task No_function_outside_the_list_can_be_named_by_Unicode_escapes()
    {
        await using var owner = NpgsqlDataSource.Create(sql.Database);
        await using var command =
            owner.CreateCommand("select proname::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace group by 1 order by 1");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var names = new List<string>();
        while (await rows.ReadAsync(Cancel))
        {
            names.Add(rows.GetString(0));
        }

        foreach (var batch in names.Chunk(500))
        {
            var calls = batch.Select(name => $"U&\"{string.Create(CultureInfo.InvariantCulture, $"\\{(int)name[0]:x4}")}{name[1..]}\"()");
            Assert.Contains("U&", (string)(await sql.RefusedAsync($"select {string.Join(',', calls)}"))["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_role_may_run_no_function_outside_the_list_whoever_lets_it()
    {
        await sql.AskAsync("select 1");
        await using var owner = new NpgsqlConnection(sql.Database);
        await owner.OpenAsync(Cancel);
        await ExecuteAsync(owner, Prepare[..Prepare.IndexOf("-- A value", StringComparison.Ordinal)]);
        await using var command = new NpgsqlCommand(
            """
            select string_agg(oid::regprocedure::text, ', ') from pg_proc
            where has_function_privilege((select 'activity_sql_' || oid from pg_database where datname = current_database()), oid, 'execute') and oid not in (select oid from taken)
            """, owner);

        Assert.Equal(DBNull.Value, await command.ExecuteScalarAsync(Cancel));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string script)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in script.Split(";\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var command = new NpgsqlBatchCommand(statement);
            if (statement.Contains("any($1)", StringComparison.Ordinal))
            {
                command.Parameters.Add(new NpgsqlParameter { Value = SqlReference.Functions().ToArray() });
                command.Parameters.Add(new NpgsqlParameter { Value = SqlReference.Types().ToArray() });
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<List<Call>> CallsAsync()
    {
        await using var owner = new NpgsqlConnection(sql.Database);
        await owner.OpenAsync(Cancel);
        await ExecuteAsync(owner, Prepare);
        await using var command = new NpgsqlCommand("set search_path = activity; select oid::regprocedure::text, written from calls where pg_temp.calls(written, oid) order by oid, n", owner) { CommandTimeout = 300 };
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var calls = new List<Call>();
        while (await rows.ReadAsync(Cancel))
        {
            calls.Add(new Call(rows.GetString(0), rows.GetString(1)));
        }

        return calls;
    }

    private static IEnumerable<List<Call>> Batches(IEnumerable<Call> calls)
    {
        var (batch, length) = (new List<Call>(), 0);
        foreach (var call in calls)
        {
            if (length + call.Written.Length + 2 > LongestBatch)
            {
                yield return batch;
                (batch, length) = ([], 0);
            }

            batch.Add(call);
            length += call.Written.Length + 2;
        }

        yield return batch;
    }

    [GeneratedRegex(@"\b_?(regclass|regcollation|regconfig|regdictionary|regnamespace|regoper|regoperator|regproc|regprocedure|regrole|regtype|aclitem)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex CatalogueType();

    private sealed record Call(string Function, string Written);
}
