namespace Analytics.Tests.Analytics.Api;

/// <summary>One PostgreSQL server for all tests of the API, with the small world behind one API that nobody writes to.</summary>
public sealed class SmallWorldApi : IAsyncLifetime
{
    private ApiServer? _api;

    public PostgresServer Postgres { get; } = new();

    public ApiServer Api => _api!;

    /// <summary>A database with tables and no rows, for tests that do not write to it.</summary>
    public string EmptyDatabase { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Postgres.InitializeAsync();
        EmptyDatabase = await Postgres.CreateDatabaseAsync();
        _api = new ApiServer(await Postgres.CreateDatabaseAsync());
        await _api.ExecuteAsync(SmallWorld.Sql);
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
