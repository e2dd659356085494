using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Analytics.Api.Database;
using Analytics.Api.Filters;
using Analytics.Api.Sql;
using Microsoft.Data.Analysis;
using Npgsql;

namespace Analytics.Api.Export;

/// <summary>The database as it is at one time, to be read whole and row by row, however long that takes.</summary>
internal sealed class ExportSnapshot : IAsyncDisposable
{
    // So many rows, or bytes of texts, are in memory at a time: a row group of Parquet, a batch of Arrow.
    private const int RowsPerPart = 65_536;
    private const long BytesPerPart = 8 << 20;

    // One value has as many at most.
    private const long LongestValue = 64 << 20;

    private readonly NpgsqlConnection _connection;
    private readonly long _nextTransaction;

    private ExportSnapshot(NpgsqlConnection connection, long nextSince, long nextTransaction) =>
        (_connection, NextSince, _nextTransaction) = (connection, nextSince, nextTransaction);

    /// <summary>
    /// From where the next export goes on: the oldest transaction that had not ended. What it and those after it wrote and was seen here comes again then;
    /// what was not seen comes then, in whatever order they end.
    /// </summary>
    public long NextSince { get; }

    public static async Task<ExportSnapshot> OpenAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var begin = new NpgsqlCommand("begin isolation level repeatable read read only", connection);
            await begin.ExecuteNonQueryAsync(cancellationToken);
            await using var horizon = new NpgsqlCommand(
                "select pg_snapshot_xmin(now)::text::bigint oldest, pg_snapshot_xmax(now)::text::bigint next from pg_current_snapshot() now", connection);
            await using var row = await horizon.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return new ExportSnapshot(connection, row.Get<long>("oldest"), row.Get<long>("next"));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether an export can go on from there, and what the filter names is there.</summary>
    /// <returns>The status to refuse with, and a sentence; null if nothing is wrong.</returns>
    public async Task<(int Status, string Detail)?> CheckAsync(Filter filter, long? since, CancellationToken cancellationToken)
    {
        if (since > _nextTransaction)
        {
            return (
                StatusCodes.Status400BadRequest,
                $"The parameter since is the next of an earlier export, and this database is only at {_nextTransaction}: it was made anew or restored, so export it whole.");
        }

        var known = Known.Check(filter);
        if (known.Statements is not [var statement])
        {
            return null;
        }

        await using var command = new NpgsqlCommand(statement, _connection);
        command.Parameters.AddRange(known.Parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await known.ReadAsync(reader, cancellationToken) is { } unknown ? (StatusCodes.Status404NotFound, unknown) : null;
    }

    /// <summary>The months (UTC) in which attempts started that the filter leaves, by their first day; null for those without a start.</summary>
    public async Task<List<DateOnly?>> MonthsAsync(Filter filter, long? since, CancellationToken cancellationToken)
    {
        var (condition, parameters) = ConditionOf(filter, since);
        await using var command = new NpgsqlCommand(
            $"select distinct date_trunc('month', started_at at time zone 'UTC')::date as month from attempts where {condition} order by month", _connection);
        command.Parameters.AddRange(parameters);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAllAsync(row => row.Get<DateOnly?>("month"), cancellationToken);
    }

    /// <summary>Reads a table in parts of a bounded size; the first comes even without rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="filter">Of which attempts.</param>
    /// <param name="since">Only of attempts that came, or changed, in this transaction or later.</param>
    /// <param name="month">Only those that started in a month (UTC); null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<DataFrame> ReadAsync(
        ExportTable table, Filter filter, long? since, ExportMonth? month, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (condition, parameters) = ConditionOf(filter, since);
        await using var command = new NpgsqlCommand(
            $"""
            select shown.*, ingest_transaction
            from activity.{table.View} shown
              join (select user_exam_id, ingest_transaction from attempts where {condition}{month?.Condition}) asked using (user_exam_id)
            """,
            _connection);
        command.Parameters.AddRange(parameters);
        command.CommandTimeout = 0;
        var columns = await DescribeAsync(command, cancellationToken);
        command.UnknownResultTypeList = [.. columns.Select(column => column.IsText)];
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var isComplete = false;
        try
        {
            while (!isComplete)
            {
                isComplete = await ReadPartAsync(reader, columns, cancellationToken);
                yield return new DataFrame(columns.Select(column => column.Column));
                columns = [.. columns.Select(column => column.Next())];
            }
        }
        finally
        {
            if (!isComplete)
            {
                command.Cancel(); // Or its rows would be read to the last.
            }
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static (string Sql, NpgsqlParameter[] Parameters) ConditionOf(Filter filter, long? since)
    {
        var (condition, parameters) = filter.Condition(0);
        return since is not > 0 ? (condition, parameters)
            : ($"{condition} and ingest_transaction >= ${parameters.Length + 1}", [.. parameters, new NpgsqlParameter<long> { TypedValue = since.Value }]);
    }

    private static async Task<ResultColumn[]> DescribeAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, cancellationToken);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(i => ResultColumn.Of(reader.GetName(i), reader.GetDataTypeName(i), reader.GetDataTypeOID(i)))];
    }

    private static async Task<bool> ReadPartAsync(NpgsqlDataReader reader, ResultColumn[] columns, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        for (var rows = 0; rows < RowsPerPart && bytes < BytesPerPart; rows++)
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return true;
            }

            for (var i = 0; i < columns.Length; i++)
            {
                if (await reader.IsDBNullAsync(i, cancellationToken))
                {
                    columns[i].AppendNull();
                }
                else
                {
                    bytes += await columns[i].AppendAsync(reader, i, LongestValue, cancellationToken);
                }
            }
        }

        return false;
    }
}

/// <summary>A month of starts (UTC), or no start at all.</summary>
/// <param name="First">Its first day; null for attempts without a start.</param>
internal sealed record ExportMonth(DateOnly? First)
{
    /// <summary>The name of its folder as Hive has it, whose readers take this name of none for null.</summary>
    public string Folder => $"month={First?.ToString("yyyy-MM", CultureInfo.InvariantCulture) ?? "__HIVE_DEFAULT_PARTITION__"}";

    /// <summary>What follows another condition on attempts.</summary>
    public string Condition => First is { } first
        ? $" and started_at >= '{first:yyyy-MM-dd}Z' and started_at < '{first.AddMonths(1):yyyy-MM-dd}Z'"
        : " and started_at is null";
}
