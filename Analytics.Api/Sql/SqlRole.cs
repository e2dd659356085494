using System.Globalization;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Our own role for SQL, named after the database's oid, so that two databases of one server have two.</summary>
internal sealed class SqlRole
{
    // Any constant will do as long as all processes share it.
    private const long Lock = 0x53716C526F6C65;

    private const string DescribeSql = """
        select (select oid from pg_database where datname = current_database())::bigint, current_database(), rolsuper, rolsuper or rolcreaterole,
          pg_has_role((select datdba from pg_database where datname = current_database()), 'usage'),
          (select pg_get_userbyid(relowner) from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = 'activity' and relname = 'attempts'),
          has_database_privilege(current_database(), 'temporary')
        from pg_roles
        where rolname = current_user
        """;

    // What the views call, their readers call: PostgreSQL checks a view's functions against who reads it.
    private const string UsedSql = """
          , used (oid) as (
          select (regexp_matches(ev_action::text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g'))[1]::oid
          from pg_rewrite join pg_class on pg_class.oid = ev_class where relnamespace = to_regnamespace('activity'))

        """;

    private const string NeedlessSql = AllowedObjects.Sql + UsedSql + """
        select string_agg(oid::regprocedure::text, ', ')
        from pg_proc
        where has_function_privilege('public', oid, 'execute') and oid not in (select oid from functions) and oid not in (select oid from used)
        """;

    private const string MissingSql = AllowedObjects.Sql + UsedSql + """
        select string_agg(oid::regprocedure::text, ', ')
        from pg_proc
        where not has_function_privilege($3, oid, 'execute') and (oid in (select oid from functions) or oid in (select oid from used))
        """;

    // Clients read the tables named when they connect, to learn the types.
    private const string CataloguesSql = """
        select string_agg(oid::regclass::text, ', ')
        from pg_class
        where relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) and relkind in ('r', 'v')
          and has_table_privilege('public', oid, 'select')
          and relname not in ('pg_type', 'pg_namespace', 'pg_class', 'pg_attribute', 'pg_proc', 'pg_range', 'pg_enum')
        """;

    private readonly string _database;
    private readonly bool _isSuperuser;
    private readonly bool _mayMakeRoles;
    private readonly bool _ownsDatabase;
    private readonly string _owner;
    private readonly bool _mayMakeTemporary;

    private SqlRole(NpgsqlDataReader row)
    {
        Role = string.Create(CultureInfo.InvariantCulture, $"activity_sql_{row.GetInt64(0)}");
        _database = row.GetString(1);
        _isSuperuser = row.GetBoolean(2);
        _mayMakeRoles = row.GetBoolean(3);
        _ownsDatabase = row.GetBoolean(4);
        _owner = row.GetString(5);
        _mayMakeTemporary = row.GetBoolean(6);
        Analyst = _isSuperuser ? string.Create(CultureInfo.InvariantCulture, $"activity_sql_analyst_{row.GetInt64(0)}") : null;
    }

    /// <summary>The role's name.</summary>
    public string Role { get; }

    /// <summary>The name of a role without rights, as which statements are analysed; null where we may not make one.</summary>
    public string? Analyst { get; }

    /// <summary>What the sessions of a role for SQL are set to.</summary>
    public static IEnumerable<(string Name, string Value)> Settings(SqlOptions options) =>
    [
        ("default_transaction_read_only", "on"),
        ("statement_timeout", string.Create(CultureInfo.InvariantCulture, $"{options.TimeoutSeconds}s")),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "15s"),
        ("search_path", "activity"),
        ("work_mem", "16MB"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
        ("standard_conforming_strings", "on"),
        ("transform_null_equals", "off"),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("IntervalStyle", "iso_8601"),
        ("bytea_output", "hex"),
    ];

    /// <summary>Looks at the database that a connection of ours is to.</summary>
    /// <exception cref="SqlUnavailableException">It has no views yet, or does not let us look.</exception>
    public static async Task<SqlRole> DescribeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(DescribeSql, connection);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return row.IsDBNull(5)
                ? throw new SqlUnavailableException("The database has no views yet: the ingest worker makes them when it starts.")
                : new SqlRole(row);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SqlUnavailableException($"This service's role may not read what it must know of the database ({refused.MessageText}); docs/how-to/ask-by-sql.md tells a DBA what to grant.");
        }
    }

    /// <summary>Makes the role, or makes it again what it should be; processes that do so at once wait for each other.</summary>
    /// <exception cref="SqlUnavailableException">We may not make roles here.</exception>
    public async Task MakeAsync(NpgsqlConnection connection, string verifier, SqlOptions options, CancellationToken cancellationToken)
    {
        if (!_mayMakeRoles)
        {
            throw new SqlUnavailableException("SQL needs a role of its own, and this service's role may not make one: a DBA makes one as "
                + "docs/how-to/ask-by-sql.md says, and the connection string activity-sql names it.");
        }

        await MakeAsync(connection, Role, verb => Statements(verb, verifier, options), cancellationToken);
    }

    /// <summary>Makes the role as which statements are analysed, where we may; else our own must have the right to make views that nobody else sees.</summary>
    /// <exception cref="SqlUnavailableException">It has not.</exception>
    public async Task MakeAnalystAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (Analyst is not null)
        {
            await MakeAsync(
                connection,
                Analyst,
                verb => [$"{verb} role {Analyst} nologin noinherit", $"grant temporary on database {Quote(_database)} to {Analyst}",
                    $"grant usage on schema activity to {Analyst}"],
                cancellationToken);
        }
        else if (!_mayMakeTemporary)
        {
            throw new SqlUnavailableException("Statements are analysed by temporary views, and this service's role may make none: a DBA grants it TEMPORARY "
                + "on the database, as docs/how-to/ask-by-sql.md says.");
        }
    }

    private async Task MakeAsync(NpgsqlConnection connection, string role, Func<string, IEnumerable<string>> statements, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, [$"select pg_advisory_xact_lock({Lock})"], cancellationToken);
        var exists = (bool)(await ScalarAsync(connection, $"select exists (select from pg_roles where rolname = '{role}')", cancellationToken))!;
        try
        {
            await ExecuteAsync(connection, [.. statements(exists ? "alter" : "create")], cancellationToken);
            if (_isSuperuser && role == Role)
            {
                await TakeFromPublicAsync(connection, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SqlUnavailableException($"This service may not make the role {role} what it should be ({refused.MessageText}): a DBA makes one as docs/how-to/ask-by-sql.md says, and the connection string activity-sql names it.");
        }
    }

    private IEnumerable<string> Statements(string verb, string verifier, SqlOptions options)
    {
        var database = Quote(_database);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{verb} role {Role} login noinherit connection limit {2 * (options.MaxConcurrent + (2 * options.MaxStreams))} password '{verifier}'");
        foreach (var (name, value) in Settings(options))
        {
            yield return $"alter role {Role} in database {database} set {name} = '{value}'";
        }

        yield return $"grant usage on schema activity to {Role}";
        yield return $"grant select on all tables in schema activity to {Role}";
        if (_isSuperuser)
        {
            yield return $"alter role {Role} in database {database} set temp_file_limit = '1GB'";
        }

        if (_isSuperuser || _ownsDatabase)
        {
            yield return $"grant connect on database {database} to {Role}";
            yield return $"revoke temporary on database {database} from public";
        }

        if (_isSuperuser)
        {
            yield return "revoke create on schema public from public";
        }
    }

    /// <summary>
    /// Takes from everyone what everyone has by default and no statement needs: functions beyond the allowed ones, and the catalogues. The views' owner,
    /// who is the worker, keeps it, and so does who watches over the server.
    /// </summary>
    private async Task TakeFromPublicAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var keepers = $"{Quote(_owner)}, pg_monitor";
        if (await ScalarAsync(connection, NeedlessSql, cancellationToken, Vocabulary.FunctionNames.ToArray(), Vocabulary.Types) is string functions)
        {
            await ExecuteAsync(connection, [$"revoke execute on routine {functions} from public", $"grant execute on routine {functions} to {keepers}"],
                cancellationToken);
        }

        if (await ScalarAsync(connection, MissingSql, cancellationToken, Vocabulary.FunctionNames.ToArray(), Vocabulary.Types, Role) is string missing)
        {
            await ExecuteAsync(connection, [$"grant execute on routine {missing} to {Role}"], cancellationToken);
        }

        if (await ScalarAsync(connection, CataloguesSql, cancellationToken) is string catalogues)
        {
            await ExecuteAsync(connection, [$"revoke select on {catalogues} from public", $"grant select on {catalogues} to {keepers}"], cancellationToken);
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string[] statements, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
