using Assessments;
using Native.Hosting;

[assembly: AssemblyFixture(typeof(Analytics.Tests.Native.Hosting.PostgresProcess))]

namespace Analytics.Tests.Native.Hosting;

/// <summary>One PostgreSQL server for the whole run, started when the first test asks for a database.</summary>
public sealed class PostgresProcess : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync(CancellationToken.None));
    private readonly Lazy<Task<string>> _migrated;

    public PostgresProcess() => _migrated = new(async () =>
    {
        var template = await (await _server.Value).CreateDatabaseAsync(CancellationToken.None);
        await DatabaseSchema.MigrateAsync(template);
        return template;
    });

    /// <summary>Makes a database that no other test sees.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync() =>
        await (await _server.Value).CreateDatabaseAsync(TestContext.Current.CancellationToken);

    /// <summary>Makes a database with this version's tables and no rows, as a copy of one that was migrated once.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateMigratedDatabaseAsync() =>
        await (await _server.Value).CreateDatabaseAsync(TestContext.Current.CancellationToken, await _migrated.Value);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
