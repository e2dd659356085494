using Analytics.Tests.Native.Hosting;
using Assessments;
using DbUp;

namespace Analytics.Tests.Analytics.Api;

/// <summary>The small world behind an API that no test writes to, and databases for those that do.</summary>
public sealed class SmallWorldApi(PostgresProcess postgres) : IAsyncLifetime
{
    private ApiServer? _api;
    private string? _database;

    public ApiServer Api => _api!;

    /// <summary>The connection string of the API's database.</summary>
    public string Database => _database!;

    public async ValueTask InitializeAsync()
    {
        _database = await CreateDatabaseAsync();
        _api = new ApiServer(_database);
        await _api.ExecuteAsync(SmallWorld.Sql);
    }

    /// <summary>Makes a database with tables and no rows.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateDatabaseAsync() => postgres.CreateMigratedDatabaseAsync();

    /// <summary>Makes a database as the first version of the schema had it; the next migration fills what came later from its rows.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateFirstDatabaseAsync()
    {
        var database = await CreateBareDatabaseAsync();
        var result = DeployChanges.To
            .PostgresqlDatabase(database)
            .WithScriptsEmbeddedInAssembly(typeof(DatabaseSchema).Assembly, name => name.EndsWith("0001_attempts.sql", StringComparison.Ordinal))
            .JournalToPostgresqlTable("public", "schema_versions")
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        Assert.True(result.Successful, result.Error?.Message);
        return database;
    }

    /// <summary>Makes a database without tables.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> CreateBareDatabaseAsync() => postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
