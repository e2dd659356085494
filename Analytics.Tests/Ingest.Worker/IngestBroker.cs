using Analytics.Tests.Kafka.Broker;

[assembly: AssemblyFixture(typeof(Analytics.Tests.Ingest.Worker.IngestBroker))]

namespace Analytics.Tests.Ingest.Worker;

/// <summary>One broker for all tests of this room, started when the first asks for it; each test has topics of its own.</summary>
public sealed class IngestBroker : IAsyncLifetime
{
    private readonly Lazy<Task<BrokerProcess>> _broker = new(() => BrokerProcess.StartAsync());

    /// <summary>HOST:PORT.</summary>
    public async Task<string> AddressAsync() => (await _broker.Value).BootstrapServers;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_broker.IsValueCreated)
        {
            await (await _broker.Value).DisposeAsync();
        }
    }
}
