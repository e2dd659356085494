using System.Data;
using System.Globalization;
using Microsoft.Data.Analysis;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>Runs statements, each in a session and a read-only transaction of its own.</summary>
internal sealed class SqlStatement(SqlReader role, IOptions<SqlOptions> options)
{
    // What a value takes beside its bytes.
    private const int BytesPerValue = 8;

    /// <summary>Reads a whole answer, value by value, and stops where it gets larger than it may.</summary>
    /// <param name="sql">A statement that <see cref="SqlRules"/> let pass.</param>
    /// <param name="cancellationToken">Cancels the statement in PostgreSQL too.</param>
    /// <exception cref="SqlLimitException">The answer is too large.</exception>
    /// <exception cref="SqlUnavailableException">There is nobody to run it as.</exception>
    /// <exception cref="PostgresException">PostgreSQL refused it.</exception>
    public async Task<(DataFrame Table, IReadOnlyList<SqlColumn> Columns)> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await role.OpenAsync(cancellationToken);
        await using (var begin = new NpgsqlCommand("begin isolation level repeatable read read only", connection))
        {
            await begin.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = new NpgsqlCommand(sql, connection);

        // With a parameter by position Npgsql sends the text as it is; without, it would look for statements in it by rules of its own.
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 0 });
        var columns = await DescribeAsync(command, cancellationToken);
        command.UnknownResultTypeList = [.. columns.Select(column => column.IsText)];
        try
        {
            await ReadAsync(command, columns, cancellationToken);
        }
        catch (SqlLimitException)
        {
            // Or the rest would be read to its end.
            command.Cancel();
            throw;
        }

        var table = new DataFrame(columns.Select(column => column.Column));
        return (table, [.. columns.Select(column => new SqlColumn(column.Name, column.Type))]);
    }

    private async Task ReadAsync(NpgsqlCommand command, ResultColumn[] columns, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        long bytes = 0;
        for (var rows = 0; await reader.ReadAsync(cancellationToken); rows++)
        {
            if (rows == limits.MaxRows)
            {
                throw new SqlLimitException(string.Create(CultureInfo.InvariantCulture, $"The answer has more than {limits.MaxRows} rows; ask for fewer, by LIMIT or by adding up."));
            }

            for (var i = 0; i < columns.Length; i++)
            {
                bytes += BytesPerValue;
                if (await reader.IsDBNullAsync(i, cancellationToken))
                {
                    columns[i].AppendNull();
                }
                else
                {
                    bytes += await columns[i].AppendAsync(reader, i, limits.MaxBytes - bytes, cancellationToken);
                }
            }

            if (bytes > limits.MaxBytes)
            {
                throw new SqlLimitException(string.Create(CultureInfo.InvariantCulture, $"The answer has more than {limits.MaxBytes} bytes; ask for fewer rows or columns."));
            }
        }
    }

    private static async Task<ResultColumn[]> DescribeAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, cancellationToken);
        var names = new HashSet<string>();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(i => ResultColumn.Of(Unique(reader.GetName(i), names), reader.GetDataTypeName(i), reader.GetDataTypeOID(i)))];
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
