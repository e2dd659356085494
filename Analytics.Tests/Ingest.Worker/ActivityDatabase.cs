using Assessments;
using Npgsql;

namespace Analytics.Tests.Ingest.Worker;

/// <summary>A database with the schema, as the tests look at it.</summary>
internal sealed class ActivityDatabase(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public string ConnectionString => connectionString;

    public async Task<ActivityDatabase> MigratedAsync()
    {
        await DatabaseSchema.MigrateAsync(connectionString, Deadline.Token);
        return this;
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Deadline.Token))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Deadline.Token);
    }

    /// <summary>Every row as its columns joined by |, in the order of the query.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Deadline.Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Deadline.Token))
        {
            rows.Add(
                string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column =>
                reader.IsDBNull(column) ? "" : Convert.ToString(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    /// <summary>Waits until so many records of the topic are in the tables, among the dead letters or erased; each commit is told by a notification.</summary>
    public async Task ReachesAsync(string topic, long records)
    {
        var deadline = Deadline.Token;
        while (true)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(deadline);
                await using (var listen = new NpgsqlCommand($"listen {DatabaseSchema.ChangesChannel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(deadline);
                }

                while (await IngestedAsync(connection, topic) < records)
                {
                    await connection.WaitAsync(deadline);
                }

                return;
            }
            catch (NpgsqlException exception) when (exception is not PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
            {
                // A test that kills the database waits for the next one.
                await Task.Delay(50, deadline);
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<long> IngestedAsync(NpgsqlConnection connection, string topic)
    {
        await using var command = new NpgsqlCommand("select coalesce(sum(messages + dead_letters + erased), 0)::bigint from ingest_partitions where topic = $1",
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        return (long)(await command.ExecuteScalarAsync(Deadline.Token))!;
    }
}
