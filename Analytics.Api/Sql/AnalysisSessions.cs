using Npgsql;

namespace Analytics.Api.Sql;

/// <summary>
/// Sessions in which statements are analysed. They log in as the API does, for a view must be made and its rule read, and find names as the role for SQL
/// does. Where the API is a superuser, the view is made by a role that has no other right.
/// </summary>
internal sealed class AnalysisSessions(NpgsqlDataSource owner, IConfiguration configuration) : IAsyncDisposable
{
    private readonly SemaphoreSlim _making = new(1);
    private volatile NpgsqlDataSource? _source;

    /// <summary>The role that makes the view; null where that is the API's own.</summary>
    public string? Role { get; private set; }

    /// <exception cref="SqlUnavailableException">Nobody may make a view.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        await (_source ?? await MakeAsync(cancellationToken)).OpenConnectionAsync(cancellationToken);

    /// <summary>Makes the role anew for the next statement: the database is another than it was.</summary>
    public void Forget() => _source = null;

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
                await using (var connection = await owner.OpenConnectionAsync(cancellationToken))
                {
                    var database = await SqlRole.DescribeAsync(connection, cancellationToken);
                    await database.MakeAnalystAsync(connection, cancellationToken);
                    Role = database.Analyst;
                }

                _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("activity"))
                {
                    MaxPoolSize = 4,
                    MaxAutoPrepare = 0,
                    NoResetOnClose = true,
                    ApplicationName = "analytics-api sql analysis",
                    CommandTimeout = 10,
                    Options = "-c search_path=activity -c standard_conforming_strings=on -c transform_null_equals=off "
                        + "-c default_transaction_read_only=off -c statement_timeout=5s -c lock_timeout=2s",
                });
            }

            return _source;
        }
        finally
        {
            _making.Release();
        }
    }
}
