using System.CommandLine;
using System.Globalization;
using Assessments;
using Npgsql;

namespace Ingest.Worker.Maintenance;

/// <summary>The verb <c>rebuild</c>: empties the tables, so that the workers fill them from the topic's beginning.</summary>
internal static class RebuildCommand
{
    // What no topic could give back.
    private static readonly string[] Kept = ["schema_versions", "api_keys"];

    public static Command Create() => MaintenanceVerb.Create(
        "rebuild", "Empties the tables; the workers, which must be stopped, fill them from the topic's beginning when they start again.", RunAsync);

    private static async Task<int> RunAsync(Servers servers, CancellationToken cancellationToken)
    {
        if (await MissingBeginningAsync(servers) is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return MaintenanceVerb.Failed;
        }

        await DatabaseSchema.MigrateAsync(servers.Database, cancellationToken);
        await using var database = NpgsqlDataSource.Create(servers.Database);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // From here on a worker that starts waits, and finds its place at the beginning.
        await ExecuteAsync(connection, "lock table ingest_partitions in access exclusive mode", cancellationToken);
        await using var count = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'ingest-worker'", connection);
        if (await count.ExecuteScalarAsync(cancellationToken) is > 0L)
        {
            await Console.Error.WriteLineAsync("A worker ingests into this database: stop every worker, and rebuild again.");
            return MaintenanceVerb.Failed;
        }

        var tables = await TablesAsync(connection, cancellationToken);
        await ExecuteAsync(connection, $"truncate {string.Join(", ", tables)} restart identity", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{tables.Count} tables are empty; the workers fill them from the beginning of {servers.Topic} when they start."));
        return MaintenanceVerb.Done;
    }

    /// <summary>A sentence if the topic can't give back what the tables have; else null.</summary>
    private static async Task<string?> MissingBeginningAsync(Servers servers)
    {
        using var topic = new TopicScan(servers);
        if (await topic.TopicIdAsync() is null)
        {
            return $"Kafka has no topic {servers.Topic}: the tables are all there is, and stay.";
        }

        foreach (var partition in topic.Partitions())
        {
            if (topic.BeginningOf(partition) is > 0 and var beginning)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"Partition {partition} of {servers.Topic} begins at offset {beginning}: what stood before can't be read again, so the tables stay.");
            }
        }

        return null;
    }

    private static async Task<List<string>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var list = new NpgsqlCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public' and tablename <> all($1) order by 1", connection);
        list.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Kept });
        var tables = new List<string>();
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
