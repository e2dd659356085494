using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Starts statements, each in a session and a read-only transaction of its own.</summary>
internal sealed class StatementRunner(SqlReader role, NpgsqlDataSource owner, IOptions<SqlOptions> options)
{
    private readonly ConcurrentDictionary<uint, string> _typeNames = [];

    /// <summary>Starts a statement; its rows are read part by part.</summary>
    /// <param name="statement">One that <see cref="StatementGate"/> let pass.</param>
    /// <param name="values">The values of its parameters.</param>
    /// <param name="isStreamed">Whether its answer is sent before its last row is known.</param>
    /// <param name="cancellationToken">Cancels the statement in PostgreSQL too, for as long as it runs.</param>
    /// <exception cref="SqlUnavailableException">There is nobody to run it as.</exception>
    /// <exception cref="PostgresException">PostgreSQL refused it.</exception>
    public async Task<RunningStatement> StartAsync(
        StatementForm statement, IReadOnlyList<NpgsqlParameter> values, bool isStreamed, CancellationToken cancellationToken)
    {
        var connection = await role.OpenAsync(cancellationToken);
        var command = new NpgsqlCommand(statement.Text, connection);

        // With a parameter by position Npgsql sends the text as it is; without, it would look for statements in it by rules of its own.
        foreach (var value in values.DefaultIfEmpty(new NpgsqlParameter<int> { TypedValue = 0 }))
        {
            command.Parameters.Add(value.Clone());
        }

        try
        {
            await using (var begin = new NpgsqlCommand(Begin(isStreamed), connection))
            {
                await begin.ExecuteNonQueryAsync(cancellationToken);
            }

            var columns = await DescribeAsync(command, cancellationToken);
            command.UnknownResultTypeList = [.. columns.Select(column => column.IsText)];
            return new RunningStatement(connection, command, columns, isStreamed, options.Value, cancellationToken);
        }
        catch
        {
            await command.DisposeAsync();
            await connection.DisposeAsync();
            throw;
        }
    }

    // PostgreSQL counts the sending to a slow reader as time of the statement; RunningStatement keeps the time of one that is streamed.
    private string Begin(bool isStreamed)
    {
        const string Reading = "begin isolation level repeatable read read only";
        var seconds = options.Value.StreamSeconds.ToString(CultureInfo.InvariantCulture);
        return isStreamed
            ? $"{Reading}; set local statement_timeout = '{seconds}s'; set local idle_in_transaction_session_timeout = '{seconds}s'"
            : Reading;
    }

    private async Task<ResultColumn[]> DescribeAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, cancellationToken);
        var names = new HashSet<string>();
        var columns = new ResultColumn[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
        {
            var oid = reader.GetDataTypeOID(i);
            var type = reader.GetDataTypeName(i);
            columns[i] = ResultColumn.Of(Unique(reader.GetName(i), names), type.StartsWith('-') ? await TypeNameAsync(oid, cancellationToken) : type, oid);
        }

        return columns;
    }

    /// <summary>The name of a type that Npgsql does not know: a row of a view, for one.</summary>
    private async ValueTask<string> TypeNameAsync(uint oid, CancellationToken cancellationToken)
    {
        if (!_typeNames.TryGetValue(oid, out var name))
        {
            await using var command = owner.CreateCommand("select format_type($1, null)");
            command.Parameters.Add(new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
            name = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
            _typeNames[oid] = name;
        }

        return name;
    }

    /// <summary>The name, or the name with the first number behind it that makes it one of its own.</summary>
    private static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return unique;
    }
}
