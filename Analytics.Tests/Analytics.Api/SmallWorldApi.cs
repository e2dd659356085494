namespace Analytics.Tests.Analytics.Api;

/// <summary>One PostgreSQL server for all tests of the API, with the small world behind one API that nobody writes to.</summary>
public sealed class SmallWorldApi : IAsyncLifetime
{
    private ApiServer? _api;

    public PostgresServer Postgres { get; } = new();

    public ApiServer Api => _api!;

    public async ValueTask InitializeAsync()
    {
        await Postgres.InitializeAsync();
        _api = new ApiServer(await Postgres.CreateDatabaseAsync());
        await _api.ExecuteAsync(SmallWorld.Sql);
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
