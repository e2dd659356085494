using Analytics.Tests.Ingest.Worker;
using Analytics.Tests.Native.Hosting;

namespace Analytics.Tests.Analytics.Api;

/// <summary>The API over the whole data set, published and ingested by the real worker when the first test asks. Nobody writes to it, but the tests of the catalogue, which they empty again.</summary>
public sealed class DataSetApi : IAsyncLifetime
{
    /// <summary>How many messages the data set has.</summary>
    public const int Messages = 3_280;

    private readonly Lazy<Task<ApiServer>> _api;

    public DataSetApi(PostgresProcess postgres, IngestBroker broker) => _api = new(() => StartAsync(postgres, broker));

    public Task<ApiServer> StartedAsync() => _api.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_api.IsValueCreated)
        {
            await (await _api.Value).DisposeAsync();
        }
    }

    private static async Task<ApiServer> StartAsync(PostgresProcess postgres, IngestBroker broker)
    {
        var topic = await Topic.CreateAsync(await broker.AddressAsync());
        await using var database = new ActivityDatabase(await postgres.CreateMigratedDatabaseAsync());
        await using var worker = WorkerProcess.Ingest(topic.Servers, database.ConnectionString, topic.Name);
        var (exitCode, _, error) =
            await WorkerProcess.PublishAsync(topic.Servers, topic.Name, Path.Combine(Repository.Root, "data", "assessment-attempts.json.gz"));
        Assert.True(exitCode == 0, error);
        await database.ReachesAsync(topic.Name, Messages);
        return new ApiServer(database.ConnectionString);
    }
}

/// <summary>The classes that ask the same <see cref="DataSetApi"/>, one after another.</summary>
[CollectionDefinition(nameof(DataSetApi))]
public sealed class DataSetCollection : ICollectionFixture<DataSetApi>;
