using System.Data;
using System.Reflection;
using System.Text.RegularExpressions;
using DbUp;
using DbUp.Engine;
using Npgsql;

namespace Assessments;

/// <summary>The PostgreSQL schema, as numbered scripts in <c>Schema/</c>, each applied once in its own transaction.</summary>
public static partial class DatabaseSchema
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
        Upgrade(connectionString, "public");
    }

    /// <summary>
    /// Makes this version's tables and views a second time, empty, in schemas of their own. Scripts name schemas by <c>public.</c> and <c>activity</c>, and by
    /// nothing else.
    /// </summary>
    /// <param name="connectionString">The database, as a role that may create schemas.</param>
    /// <param name="tables">The schema that is made for what stands in <c>public</c> else; also the search path of the scripts.</param>
    /// <param name="views">The schema that is made for what stands in <c>activity</c> else.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="InvalidOperationException">A script failed; the message names it.</exception>
    public static async Task CreateBesideAsync(string connectionString, string tables, string views, CancellationToken cancellationToken = default)
    {
        connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, SearchPath = tables }.ConnectionString;
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(cancellationToken);
            await using var create = new NpgsqlCommand($"create schema {tables}; create schema {views}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        Upgrade(connectionString, tables, new OtherSchemas(tables, views));
    }

    private static void Upgrade(string connectionString, string schema, params IScriptPreprocessor[] preprocessors)
    {
        var upgrade = DeployChanges.To
            .PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly())
            .WithTransactionPerScript()
            .JournalToPostgresqlTable(schema, "schema_versions")
            .WithExecutionTimeout(TimeSpan.Zero)
            .LogToNowhere();
        foreach (var preprocessor in preprocessors)
        {
            upgrade.WithPreprocessor(preprocessor);
        }

        var result = upgrade.Build().PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"The schema script {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
    }

    /// <summary>Has scripts name other schemas.</summary>
    private sealed partial class OtherSchemas(string tables, string views) : IScriptPreprocessor
    {
        public string Process(string contents) => Views().Replace(Tables().Replace(contents, tables), views);

        [GeneratedRegex(@"\bpublic(?=\.)")]
        private static partial Regex Tables();

        [GeneratedRegex(@"\bactivity\b")]
        private static partial Regex Views();
    }
}
