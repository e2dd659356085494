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
          (select pg_get_userbyid(relowner) from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = 'activity' and relname = 'attempts')
        from pg_roles
        where rolname = current_user
        """;

    // Each lets a session act on the server or on other sessions, and PostgreSQL gives it to everyone.
    private const string DangerousSql = """
        select oid::regprocedure::text
        from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~
          '^(pg_sleep.*|pg_(try_)?advisory_.*|lo_.*|lowrite|loread|pg_notify|pg_(cancel|terminate)_backend|pg_export_snapshot|.*_to_xml.*|pg_logical_emit_message|dblink.*)$'
        """;

    private readonly string _database;
    private readonly bool _isSuperuser;
    private readonly bool _mayMakeRoles;
    private readonly bool _ownsDatabase;
    private readonly string _owner;

    private SqlRole(NpgsqlDataReader row)
    {
        Role = string.Create(CultureInfo.InvariantCulture, $"activity_sql_{row.GetInt64(0)}");
        _database = row.GetString(1);
        _isSuperuser = row.GetBoolean(2);
        _mayMakeRoles = row.GetBoolean(3);
        _ownsDatabase = row.GetBoolean(4);
        _owner = row.GetString(5);
    }

    /// <summary>The role's name.</summary>
    public string Role { get; }

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
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("IntervalStyle", "iso_8601"),
        ("bytea_output", "hex"),
    ];

    /// <summary>Looks at the database that a connection of ours is to.</summary>
    /// <exception cref="SqlUnavailableException">It has no views yet.</exception>
    public static async Task<SqlRole> DescribeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DescribeSql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return row.IsDBNull(5)
            ? throw new SqlUnavailableException("The database has no views yet: the ingest worker makes them when it starts.")
            : new SqlRole(row);
    }

    /// <summary>Makes the role, or makes it again what it should be; processes that do so at once wait for each other.</summary>
    /// <exception cref="SqlUnavailableException">We may not make roles here.</exception>
    public async Task MakeAsync(NpgsqlConnection connection, string verifier, SqlOptions options, CancellationToken cancellationToken)
    {
        if (!_mayMakeRoles)
        {
            throw new SqlUnavailableException("SQL needs a role of its own, and this service's role may not make one: a DBA makes one as docs/how-to/ask-by-sql.md says, and the connection string activity-sql names it.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, [$"select pg_advisory_xact_lock({Lock})"], cancellationToken);
        var exists = (bool)(await ScalarAsync(connection, $"select exists (select from pg_roles where rolname = '{Role}')", cancellationToken))!;
        try
        {
            await ExecuteAsync(connection, [.. Statements(exists ? "alter" : "create", verifier, options)], cancellationToken);
            if (_isSuperuser)
            {
                await RevokeDangerousAsync(connection, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SqlUnavailableException($"This service may not make the role {Role} what it should be ({refused.MessageText}): a DBA makes one as docs/how-to/ask-by-sql.md says, and the connection string activity-sql names it.");
        }
    }

    private IEnumerable<string> Statements(string verb, string verifier, SqlOptions options)
    {
        var database = $"\"{_database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{verb} role {Role} login noinherit connection limit {4 * options.MaxConcurrent} password '{verifier}'");
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

    /// <summary>Takes from everyone what everyone has by default; the views' owner, who is the worker and needs some of it, keeps it.</summary>
    private async Task RevokeDangerousAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var functions = (string?)await ScalarAsync(connection, $"select string_agg(f, ', ') from ({DangerousSql}) dangerous (f)", cancellationToken);
        await ExecuteAsync(
            connection,
            [
                $"revoke execute on function {functions} from public",
                $"grant execute on function {functions} to \"{_owner.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
            ],
            cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string[] statements, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
