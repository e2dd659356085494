using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>
/// The role that statements run as: it logs in by itself, for there is no way back from it to a role that owns anything, and sees the views of
/// schema <c>activity</c> alone. It is the one that the connection string <c>activity-sql</c> names, or one of our own for this database, made
/// when it is first needed.
/// </summary>
internal sealed class SqlReader(NpgsqlDataSource owner, IConfiguration configuration, IOptions<SqlOptions> options) : IAsyncDisposable
{
    private const string Ask = "docs/how-to/ask-by-sql.md tells a DBA what to run";

    // What the role may do beyond reading the views, or null. Of tables, rights on one column are rights too.
    private const string TooMuchSql = """
        select case
          when rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls then 'has attributes of an administrator'
          when exists (select from pg_auth_members where member = pg_roles.oid) then 'is a member of another role'
          when exists (select from pg_class where relkind in ('r', 'p', 'v', 'm', 'f') and relowner = pg_roles.oid) then 'owns tables or views'
          when exists (select from pg_class
            where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace::regnamespace::text not in ('activity', 'pg_catalog', 'information_schema')
              and has_any_column_privilege(pg_roles.oid, pg_class.oid, 'select, insert, update'))
            then 'may read or write tables outside the schema activity'
          end
        from pg_roles
        where rolname = $1
        """;

    private readonly SemaphoreSlim _making = new(1);
    private volatile NpgsqlDataSource? _source;

    /// <summary>A connection that nobody had before and nobody gets after: whatever a statement does to its session ends with it.</summary>
    /// <exception cref="SqlUnavailableException">There is no such role, and it can't be made.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var source = _source ?? await MakeAsync(cancellationToken);
        try
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState[..2] is "28")
        {
            // The role is gone or has another password: the next one makes it anew.
            _source = null;
            throw new SqlUnavailableException($"PostgreSQL does not let the role for SQL in ({refused.MessageText}); try again, or {Ask}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _making.Dispose();
        if (_source is { } source)
        {
            await source.DisposeAsync();
        }
    }

    private async Task<NpgsqlDataSource> MakeAsync(CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            if (_source is null)
            {
                var settings = configuration.GetConnectionString("activity-sql") is { } given
                    ? new NpgsqlConnectionStringBuilder(given)
                    : await OwnRoleAsync(cancellationToken);
                var builder = new NpgsqlDataSourceBuilder(Guarded(settings).ConnectionString);
                builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false)); // No value needs it.
                var source = builder.Build();
                try
                {
                    await CheckAsync(source, cancellationToken);
                }
                catch
                {
                    await source.DisposeAsync();
                    throw;
                }

                _source = source;
            }

            return _source;
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<NpgsqlConnectionStringBuilder> OwnRoleAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("activity"));
        if (string.IsNullOrEmpty(settings.Password))
        {
            throw new SqlUnavailableException($"SQL needs a role of its own, and the connection string activity has no password to derive that role's from: give a connection string activity-sql; {Ask}.");
        }

        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        var database = await SqlRole.DescribeAsync(connection, cancellationToken);

        // The same for every process with the same secret, so they need not agree; another database's role has another.
        var secret = HMACSHA256.HashData(Encoding.UTF8.GetBytes(settings.Password), Encoding.UTF8.GetBytes($"activity-sql password {database.Role}"));
        var salt = HMACSHA256.HashData(Encoding.UTF8.GetBytes(settings.Password), Encoding.UTF8.GetBytes($"activity-sql salt {database.Role}"))[..16];
        var password = Convert.ToHexStringLower(secret);
        await database.MakeAsync(connection, ScramVerifier.Of(password, salt), options.Value, cancellationToken);
        settings.Username = database.Role;
        settings.Password = password;
        return settings;
    }

    /// <summary>Settings as arguments of the session hold where the role has none of its own; what an administrator set for all is overruled.</summary>
    private NpgsqlConnectionStringBuilder Guarded(NpgsqlConnectionStringBuilder settings)
    {
        settings.Pooling = false;
        settings.Multiplexing = false;
        settings.MaxAutoPrepare = 0;
        settings.ApplicationName = "analytics-api sql";
        settings.CommandTimeout = options.Value.TimeoutSeconds + 5; // For each wait; RunningStatement keeps the time of the whole.
        settings.CancellationTimeout = 1000;
        settings.Options = string.Join(' ', SqlRole.Settings(options.Value).Select(setting => $"-c {setting.Name}={setting.Value}"));
        return settings;
    }

    private async Task CheckAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var who = source.CreateCommand("select current_user::text");
        var role = (string)(await who.ExecuteScalarAsync(cancellationToken))!;
        await using var command = owner.CreateCommand(TooMuchSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = role });
        if (await command.ExecuteScalarAsync(cancellationToken) is string tooMuch)
        {
            throw new SqlUnavailableException($"The role for SQL {tooMuch}, so statements are not run as it; {Ask}.");
        }
    }
}
