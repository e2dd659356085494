using Analytics.Tests.Analytics.Api;
using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>How AddKafkaProducer, AddKafkaConsumer and their keyed siblings are configured, and what they register.</summary>
public sealed class KafkaRegistrationTests(KafkaServer broker)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_section_of_the_name_wins_over_the_common_one_the_connection_string_over_both_and_the_delegate_over_all(bool keyed)
    {
        const string Producer = "Aspire:Confluent:Kafka:Producer";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration[$"{Producer}:ConnectionString"] = "common:1";
        builder.Configuration[$"{Producer}:Config:ClientId"] = "common";
        builder.Configuration[$"{Producer}:Config:LingerMs"] = "1";
        builder.Configuration[$"{Producer}:DisableTracing"] = "true";
        builder.Configuration[$"{Producer}:events:ConnectionString"] = "named:1";
        builder.Configuration[$"{Producer}:events:Config:LingerMs"] = "2";
        builder.Configuration[$"{Producer}:events:Config:Acks"] = "Leader";
        builder.Configuration["ConnectionStrings:events"] = "connection:1";

        KafkaProducerSettings read = null!;
        Action<KafkaProducerSettings> configure = settings =>
        {
            read = settings;
            Assert.Equal("connection:1", settings.ConnectionString);
            settings.Config.Acks = Acks.None;
        };
        if (keyed)
        {
            builder.AddKeyedKafkaProducer<string, string>("events", configure);
        }
        else
        {
            builder.AddKafkaProducer<string, string>("events", configure);
        }

        Assert.Equal(("connection:1", "common", 2d, Acks.None), (read.Config.BootstrapServers, read.Config.ClientId, read.Config.LingerMs, read.Config.Acks));
        Assert.Equal((true, false, false, 1000), (read.DisableTracing, read.DisableMetrics, read.DisableHealthChecks, read.Config.StatisticsIntervalMs));
    }

    [Fact]
    public async Task Clients_under_keys_and_one_without_live_side_by_side()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var name in (string[])["one", "two", "plain"])
        {
            builder.Configuration[$"ConnectionStrings:{name}"] = await broker.AddressAsync();
            builder.Configuration[$"Aspire:Confluent:Kafka:Producer:{name}:Config:ClientId"] = name;
        }

        builder.AddKeyedKafkaProducer<string, string>("one");
        builder.AddKeyedKafkaProducer<string, string>("two");
        builder.AddKafkaProducer<string, string>("plain");
        using var host = builder.Build();

        Assert.StartsWith("one#", host.Services.GetRequiredKeyedService<IProducer<string, string>>("one").Name, StringComparison.Ordinal);
        Assert.StartsWith("two#", host.Services.GetRequiredKeyedService<IProducer<string, string>>("two").Name, StringComparison.Ordinal);
        Assert.StartsWith("plain#", host.Services.GetRequiredService<IProducer<string, string>>().Name, StringComparison.Ordinal);
        Assert.Same(host.Services.GetRequiredService<IProducer<string, string>>(), host.Services.GetRequiredService<IProducer<string, string>>());
    }

    [Fact]
    public async Task The_application_s_services_serializers_and_handlers_are_used()
    {
        var topic = await broker.CreateTopicAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:kafka"] = await broker.AddressAsync();
        builder.Configuration["Aspire:Confluent:Kafka:Consumer:Config:GroupId"] = "readers";
        builder.Services.AddSingleton(new Shift(3));
        builder.AddKafkaProducer<Null, int>("kafka", (services, producer) =>
            producer.SetValueSerializer(new Shifted(services.GetRequiredService<Shift>().By)).SetLogHandler((_, _) => { }));
        builder.AddKafkaConsumer<Null, int>("kafka", (services, consumer) =>
            consumer.SetValueDeserializer(new Shifted(services.GetRequiredService<Shift>().By)).SetStatisticsHandler((_, _) => { }));
        using var host = builder.Build();

        var sent = await host.Services.GetRequiredService<IProducer<Null, int>>()
            .ProduceAsync(topic, new Message<Null, int> { Value = 7 }, TestContext.Current.CancellationToken);
        var consumer = host.Services.GetRequiredService<IConsumer<Null, int>>();
        consumer.Assign(sent.TopicPartitionOffset);

        Assert.Equal(7, consumer.Consume(TestContext.Current.CancellationToken).Message.Value);
    }

    [Fact]
    public async Task An_application_without_an_address_or_a_group_does_not_start_and_says_what_to_set()
    {
        var nowhere = Host.CreateEmptyApplicationBuilder(null);
        nowhere.AddKafkaProducer<string, string>("events");
        using var withoutAddress = nowhere.Build();
        var address = await Assert.ThrowsAsync<InvalidOperationException>(() => withoutAddress.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal("No Kafka address is configured: set ConnectionStrings:events to host:port.", address.Message);

        var alone = Host.CreateEmptyApplicationBuilder(null);
        alone.AddKeyedKafkaConsumer<string, string>("events", settings => settings.ConnectionString = "127.0.0.1:9");
        using var withoutGroup = alone.Build();
        var group = await Assert.ThrowsAsync<InvalidOperationException>(() => withoutGroup.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal("The Kafka consumer of events has no group: set Aspire:Confluent:Kafka:Consumer:Config:GroupId.", group.Message);
    }

    [Fact]
    public async Task Health_is_checked_per_kind_and_key_by_a_message_that_the_broker_acknowledges()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:kafka"] = await broker.AddressAsync();
        builder.Configuration["ConnectionStrings:gone"] = "127.0.0.1:9";
        builder.Configuration["Aspire:Confluent:Kafka:Consumer:Config:GroupId"] = "readers";
        builder.AddKafkaProducer<string, string>("kafka", settings => (settings.Config.TransactionalId, settings.Config.LingerMs) = ("transactions", 5000));
        builder.AddKafkaProducer<string, byte[]>("kafka");
        builder.AddKafkaConsumer<string, string>("kafka", settings => settings.Config.ConsumeResultFields = "key");
        builder.AddKeyedKafkaProducer<string, string>("gone");
        builder.AddKeyedKafkaConsumer<string, string>("kafka");
        builder.AddKeyedKafkaConsumer<string, string>("unchecked", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();

        // A check gives up after a second, which is short for the first message on a busy machine: asked as an operator's probe asks, again.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(2));
        var checks = host.Services.GetRequiredService<HealthCheckService>();
        HealthReport health;
        do
        {
            health = await checks.CheckHealthAsync(deadline.Token);
        }
        while (health.Entries.Count(entry => entry.Value.Status == HealthStatus.Healthy) < 3);

        Assert.Equal(
            [
                ("Aspire.Confluent.Kafka.Consumer", HealthStatus.Healthy), ("Aspire.Confluent.Kafka.Consumer_kafka", HealthStatus.Healthy),
                ("Aspire.Confluent.Kafka.Producer", HealthStatus.Healthy), ("Aspire.Confluent.Kafka.Producer_gone", HealthStatus.Unhealthy),
            ],
            health.Entries.Select(entry => (entry.Key, entry.Value.Status)).OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void A_missing_argument_is_named()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);

        IHostApplicationBuilder none = null!;
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => none.AddKafkaProducer<string, string>("kafka")).ParamName);
        Assert.Equal("connectionName", Assert.Throws<ArgumentException>(() => builder.AddKafkaConsumer<string, string>("")).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => builder.AddKeyedKafkaConsumer<string, string>(null!)).ParamName);
    }

    private sealed record Shift(int By);

    /// <summary>Writes a number moved by another.</summary>
    private sealed class Shifted(int by) : ISerializer<int>, IDeserializer<int>
    {
        public byte[] Serialize(int data, SerializationContext context) => BitConverter.GetBytes(data + by);

        public int Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => BitConverter.ToInt32(data) - by;
    }
}
