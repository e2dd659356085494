using System.Data;
using Assessments;
using Npgsql;

namespace Ingest.Worker.Maintenance;

/// <summary>Tables beside those in use, made by the same scripts, which take their place at once.</summary>
internal static class FreshTables
{
    /// <summary>Where the fresh tables are until then.</summary>
    public const string Schema = "rebuild";

    /// <summary>Adds the marks of who was erased by now.</summary>
    public const string CopyMarksSql = $"""
        insert into {Schema}.erasures (kind, id_hash, erased_at)
        select kind, id_hash, erased_at from public.erasures order by erasure_id on conflict do nothing
        """;

    private const string Views = "rebuild_views";
    private const string Old = "rebuild_old";

    /// <summary>What is made of the topic. All other tables stay; of <c>dead_letters</c> the rows that the topic still gives keep their numbers.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "courses", "exams", "items", "item_options", "item_keys", "exam_versions", "events", "redeliveries", "exam_totals", "exam_scores", "exam_durations",
        "start_days", "course_users", "course_user_totals", "exam_results", "item_results", "item_option_choices", "exam_version_results",
        "exam_version_choices", "ingest_partitions", "ingest_leader_epochs", "erasures",
    ];

    /// <summary>Deletes what a rebuild that did not end has left.</summary>
    public static async Task ClearAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var clear = database.CreateCommand($"drop schema if exists {Schema}, {Views}, {Old} cascade");
        await clear.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes the tables, empty but for the marks of the erased.</summary>
    public static async Task CreateAsync(NpgsqlDataSource database, string connectionString, CancellationToken cancellationToken)
    {
        await DatabaseSchema.CreateBesideAsync(connectionString, Schema, Views, cancellationToken);
        await using var copy = database.CreateCommand(CopyMarksSql);
        await copy.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Puts the fresh tables in the place of those in use. Views keep their identity, and with it the rights and comments that they have; the tables get the
    /// rights of those before. Whoever reads waits for a moment, or is waited for.
    /// </summary>
    /// <param name="connection">In a transaction that has locked out whoever writes.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    /// <exception cref="PostgresException">A statement that runs for long holds a table (lock_not_available), or something else depends on one.</exception>
    public static async Task TakePlaceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, PlacesSql, cancellationToken);
        await ExecuteAsync(connection, GrantsSql, cancellationToken);
        var views = await ViewsAsync(connection, cancellationToken);
        var tables = Names.Select(name => $"public.{name}");

        // Less than PostgreSQL waits until it looks for deadlocks: it is this one that gives up. Views first: who reads one looks into it only behind its lock.
        await ExecuteAsync(
            connection,
            $"set local lock_timeout = '500ms'; lock table {string.Join(", ", views.Select(view => view.Name).Concat(tables))} in access exclusive mode",
            cancellationToken);
        string[] steps =
        [
            $"create schema {Old}",
            .. Names.Select(name => $"alter table public.{name} set schema {Old}"),
            .. Names.Select(name => $"alter table {Schema}.{name} set schema public"),
            .. views.Select(view => view.Definition),
            $"drop table {string.Join(", ", Names.Select(name => $"{Old}.{name}"))}",
            $"drop schema {Old}",
            $"drop schema {Schema}, {Views} cascade",
        ];
        await ExecuteAsync(connection, string.Join(";\n", steps), cancellationToken);
    }

    /// <summary>Each partition is nobody's until a worker claims it, which sees by its epoch that it must.</summary>
    private const string PlacesSql = $"""
        update {Schema}.ingest_partitions set owner = null, consumer_group = null;
        update {Schema}.ingest_partitions n set epoch = greatest(n.epoch, o.epoch) + 1, consumer_group = o.consumer_group
        from public.ingest_partitions o
        where (n.topic, n.topic_id, n.partition) = (o.topic, o.topic_id, o.partition);
        insert into {Schema}.ingest_partitions (topic, topic_id, partition, next_offset, epoch, consumer_group, record_at)
        select topic, topic_id, partition, next_offset, epoch + 1, consumer_group, record_at
        from public.ingest_partitions
        on conflict do nothing;
        update {Schema}.ingest_partitions p set dead_letters = (
          select count(*) from public.dead_letters d where (d.topic, d.topic_id, d.partition) = (p.topic, p.topic_id, p.partition));
        """;

    private static readonly string GrantsSql = $"""
        do $$
        declare
          granted record;
        begin
          for granted in
            select relname, privilege_type, is_grantable, case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as grantee
            from pg_class cross join aclexplode(relacl) as acl
            where relnamespace = 'public'::regnamespace and relname in ({string.Join(", ", Names.Select(name => $"'{name}'"))}) and acl.grantee <> relowner
          loop
            execute format('grant %s on {Schema}.%I to %s', granted.privilege_type, granted.relname, granted.grantee)
              || case when granted.is_grantable then ' with grant option' else '' end;
          end loop;
        end
        $$
        """;

    /// <summary>The views that look into the tables, in whatever schema, each with what makes it anew by names instead of tables.</summary>
    private static async Task<List<(string Name, string Definition)>> ViewsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "set local search_path = ''", cancellationToken);
        var views = new List<(string, string)>();
        await using (var find = new NpgsqlCommand(
            """
            select format('%I.%I', nspname, relname),
              format(
                'create or replace view %I.%I %s as %s', nspname, relname, 'with (' || array_to_string(reloptions, ', ') || ')',
                rtrim(pg_get_viewdef(pg_class.oid), '; '))
            from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where relkind = 'v' and nspname <> all($2) and pg_class.oid in (
              select ev_class
              from pg_depend join pg_rewrite on pg_rewrite.oid = objid
              where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass
                and refobjid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relname = any($1)))
            order by 1
            """,
            connection))
        {
            find.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. Names] });
            find.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [Schema, Views] });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                views.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        return views;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
