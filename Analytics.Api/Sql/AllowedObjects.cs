namespace Analytics.Api.Sql;

/// <summary>What <see cref="Vocabulary"/> means in a database: PostgreSQL's own tables tell which objects its names stand for.</summary>
internal static class AllowedObjects
{
    /// <summary>
    /// Queries to put before others: <c>types</c>, <c>operators</c> and <c>functions</c>, each of the oids that are allowed. Parameter 1 has the names of
    /// functions, parameter 2 those of types. A function may declare pseudo-types (anyelement …): what is passed has a type of its own.
    /// </summary>
    public const string Sql = """
        with types (oid, row_of) as (
          select of_one.oid, of_one.typrelid
          from pg_type named left join pg_type of_one on of_one.oid in (named.oid, named.typarray)
          where (named.typnamespace = 'pg_catalog'::regnamespace and named.typname = any($2))
            or named.typrelid in (select oid from pg_class where relnamespace = to_regnamespace('activity') and relkind = 'v')),
        declared (oids) as (
          select array_agg(oid) from (
            select oid from types union all select oid from pg_type where typnamespace = 'pg_catalog'::regnamespace and typtype = 'p' and typname like 'any%') all_of_them),
        operators (oid, function) as (
          select oid, oprcode::oid from pg_operator
          where oprnamespace = 'pg_catalog'::regnamespace and array[oprright, oprresult] <@ (select oids from declared)
            and (oprleft = 0 or oprleft = any((select oids from declared)::oid[]))),
        functions (oid) as (
          select oid from pg_proc
          where pronamespace = 'pg_catalog'::regnamespace and proargtypes::oid[] <@ (select oids from declared)
            and (prorettype = any((select oids from declared)::oid[]) or proname = 'pg_typeof')
            and (proname = any($1) or oid in (select function from operators)
              or oid in (select castfunc from pg_cast where castsource in (select oid from types) and casttarget in (select oid from types))))

        """;
}
