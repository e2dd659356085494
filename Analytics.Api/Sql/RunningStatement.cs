using System.Data;
using System.Diagnostics;
using Microsoft.Data.Analysis;
using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>A statement and its rows, read in parts of a bounded size. Disposing it before its end cancels it in PostgreSQL.</summary>
internal sealed class RunningStatement : IAsyncDisposable
{
    // What a value takes beside its bytes.
    private const int BytesPerValue = 8;

    // A part of an answer that is streamed: so many rows, or bytes, or as much as comes in so long.
    private const int RowsPerPart = 65_536;
    private const long BytesPerPart = 8 << 20;
    private static readonly TimeSpan TimePerPart = TimeSpan.FromSeconds(2);

    // How often to look at the clock.
    private const int RowsPerLook = 512;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;
    private readonly bool _isStreamed;
    private readonly SqlOptions _limits;
    private readonly CancellationToken _left;
    private readonly CancellationTokenSource _late;
    private readonly Stopwatch _reading = new();
    private ResultColumn[] _columns;
    private NpgsqlDataReader? _reader;

    public RunningStatement(
        NpgsqlConnection connection, NpgsqlCommand command, ResultColumn[] columns, bool isStreamed, SqlOptions limits, CancellationToken cancellationToken)
    {
        (_connection, _command, _columns, _isStreamed, _limits, _left) = (connection, command, columns, isStreamed, limits, cancellationToken);
        _late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Columns = [.. columns.Select(column => new SqlColumn(column.Name, column.Type))];
    }

    public IReadOnlyList<SqlColumn> Columns { get; }

    /// <summary>Bytes of the values read so far, and eight for each.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the last row was read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads the next rows: all of them where the answer is not streamed, and none only where there are none.</summary>
    /// <param name="most">How many to read at most; what follows them is lost.</param>
    /// <exception cref="SqlLimitException">The answer is too large, or comes too slowly.</exception>
    /// <exception cref="PostgresException">PostgreSQL failed.</exception>
    public async Task<DataFrame> ReadPartAsync(int most = int.MaxValue)
    {
        try
        {
            _reading.Start();
            Wait();
            _reader ??= await _command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, _late.Token);
            await ReadRowsAsync(_reader, most);
        }
        catch (OperationCanceledException) when (!_left.IsCancellationRequested)
        {
            throw TooSlow();
        }
        finally
        {
            _reading.Stop();
            _late.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        var table = new DataFrame(_columns.Select(column => column.Column));
        _columns = [.. _columns.Select(column => column.Next())];
        return table;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            try
            {
                await EndAsync(_reader);
                await _reader.DisposeAsync();
            }
            catch (Exception over) when (over is NpgsqlException or OperationCanceledException)
            {
                // Cancelled, or gone: either way it is over.
            }
        }

        await _command.DisposeAsync();
        await _connection.DisposeAsync();
        _late.Dispose();
    }

    /// <summary>
    /// Cancels what is still running, or its rows would be read to the last. A request to cancel may be lost, so it is made until it is heard.
    /// </summary>
    private async Task EndAsync(NpgsqlDataReader reader)
    {
        if (IsComplete || _connection.State != ConnectionState.Open)
        {
            return;
        }

        _command.Cancel();
        for (var asked = Stopwatch.GetTimestamp(); await reader.ReadAsync(CancellationToken.None);)
        {
            if (Stopwatch.GetElapsedTime(asked) > TimeSpan.FromSeconds(1))
            {
                _command.Cancel();
                asked = Stopwatch.GetTimestamp();
            }
        }
    }

    private async Task ReadRowsAsync(NpgsqlDataReader reader, int most)
    {
        var (before, rows, first) = (Bytes, 0, 0L);
        while (await reader.ReadAsync(_late.Token))
        {
            if (rows == most)
            {
                return;
            }

            first = rows == 0 ? Stopwatch.GetTimestamp() : first;
            if (!_isStreamed && rows == _limits.MaxRows)
            {
                throw TooLarge($"{_limits.MaxRows} rows (Sql:MaxRows)", "ask for fewer, by LIMIT or by adding up");
            }

            for (var i = 0; i < _columns.Length; i++)
            {
                Bytes += BytesPerValue;
                if (await reader.IsDBNullAsync(i, _late.Token))
                {
                    _columns[i].AppendNull();
                }
                else
                {
                    Bytes += await _columns[i].AppendAsync(reader, i, _limits.MaxBytes, _late.Token);
                }
            }

            rows++;
            if (!_isStreamed && Bytes > _limits.MaxBytes)
            {
                throw TooLarge($"{_limits.MaxBytes} bytes (Sql:MaxBytes)", "ask for fewer rows or columns");
            }

            if (_isStreamed && (rows == RowsPerPart || Bytes - before >= BytesPerPart || Stopwatch.GetElapsedTime(first) >= TimePerPart))
            {
                foreach (var column in _columns)
                {
                    column.ExpectMore();
                }

                return;
            }

            if (rows % RowsPerLook == 0)
            {
                Wait();
            }
        }

        IsComplete = true;
    }

    /// <summary>Waits from now on for as long as PostgreSQL may still take.</summary>
    private void Wait()
    {
        var allowed = TimeSpan.FromSeconds(_limits.TimeoutSeconds + (_isStreamed ? (double)Bytes / _limits.MinBytesPerSecond : 0));
        _late.CancelAfter(allowed > _reading.Elapsed ? allowed - _reading.Elapsed : TimeSpan.Zero);
    }

    private static SqlLimitException TooLarge(FormattableString limit, string wayOut) =>
        new($"The answer has more than {FormattableString.Invariant(limit)}; {wayOut}, or for CSV, NDJSON, Arrow or Parquet, which come whole.");

    private SqlLimitException TooSlow()
    {
        var pace = Bytes > 0 && _isStreamed ? FormattableString.Invariant(
            $" and gave fewer than {_limits.MinBytesPerSecond} bytes a second (Sql:MinBytesPerSecond)") : "";
        return new SqlLimitException(FormattableString.Invariant($"The statement took longer than {_limits.TimeoutSeconds} seconds (Sql:TimeoutSeconds){pace} and was cancelled; ask for less."));
    }
}
