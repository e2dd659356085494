using System.Data;
using System.Reflection;
using DbUp;
using Npgsql;

namespace Assessments;

/// <summary>The PostgreSQL schema, as numbered scripts in <c>Schema/</c>, each applied once in its own transaction.</summary>
public static class DatabaseSchema
{
    /// <summary>PostgreSQL's channel (LISTEN, NOTIFY) on which ingest tells each commit; the notification says no more than that.</summary>
    public const string ChangesChannel = "activity";

    // Any constant will do as long as all processes share it.
    private const long MigrationLock = 0x41637469766974;

    /// <summary>
    /// Brings the database up to this version of the schema. Processes that call it at once wait for each other,
    /// so every script runs once however many start.
    /// </summary>
    /// <param name="connectionString">The database to bring up, as a role that may create tables in its schema <c>public</c>.</param>
    /// <param name="cancellationToken">Ends the wait for another process's migration.</param>
    /// <exception cref="InvalidOperationException">A script failed; the message names it.</exception>
    public static async Task MigrateAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        // Connections of its own, closed at the end: a pool would keep them, and their locks, for as long as the process runs.
        connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        await using var lockHolder = new NpgsqlConnection(connectionString);
        await lockHolder.OpenAsync(cancellationToken);
        await using var take = new NpgsqlCommand("select pg_advisory_lock($1)", lockHolder) { CommandTimeout = 0 };
        take.Parameters.Add(new NpgsqlParameter { Value = MigrationLock, DbType = DbType.Int64 });
        await take.ExecuteNonQueryAsync(cancellationToken);
        Upgrade(connectionString);
    }

    private static void Upgrade(string connectionString)
    {
        var result = DeployChanges.To
            .PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly())
            .WithTransactionPerScript()
            .JournalToPostgresqlTable("public", "schema_versions")
            .WithExecutionTimeout(TimeSpan.Zero)
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"The schema script {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
    }
}
