using System.Diagnostics;
using System.Text;
using Analytics.Tests.Analytics.Api;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>The spans and metrics of registered clients, under the names that the released package has.</summary>
public sealed class KafkaTelemetryTests(KafkaServer broker)
{
    private const string Instrumentation = "OpenTelemetry.Instrumentation.ConfluentKafka";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_is_a_span_at_each_end_linked_by_its_headers_and_counts_in_the_metrics(bool keyed)
    {
        var topic = await broker.CreateTopicAsync();
        var telemetry = new CollectedTelemetry();
        using var host = await StartAsync(topic, keyed, telemetry);
        var producer = host.Services.GetRequiredKeyedService<IProducer<string, string>>(keyed ? topic : null);
        var consumer = host.Services.GetRequiredKeyedService<IConsumer<string, string>>(keyed ? topic : null);

        await producer.ProduceAsync(topic, new Message<string, string> { Key = "k1", Value = "v" }, TestContext.Current.CancellationToken);
        producer.Produce(new TopicPartition(topic, 0), new Message<string, string> { Key = "k2", Value = "v" });
        producer.Flush(TestContext.Current.CancellationToken);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var received = new[] { consumer.Consume(TestContext.Current.CancellationToken), consumer.Consume(Timeout.Infinite) };
        Assert.Null(consumer.Consume(TimeSpan.Zero));

        var publish = telemetry.Spans.Where(span => span.OperationName == $"{topic} publish").ToList();
        var receive = telemetry.Spans.Where(span => span.OperationName == $"{topic} receive").ToList();
        Assert.Equal(4, telemetry.Spans.Count);
        Assert.All(telemetry.Spans, span => Assert.Equal((Instrumentation, "0.1.0.0"), (span.Source.Name, span.Source.Version)));
        Assert.All(publish, span => Assert.Equal(ActivityKind.Producer, span.Kind));
        Assert.All(receive, span => Assert.Equal(ActivityKind.Consumer, span.Kind));
        Assert.Equal(publish.Select(span => span.SpanId), receive.Select(span => Assert.Single(span.Links).Context.SpanId));
        Assert.Equal(
            publish.Select(span => span.Id),
            received.Select(message => Encoding.UTF8.GetString(message.Message.Headers.GetLastBytes("traceparent"))));
        Assert.Equal(
            Tags(
                ("messaging.system", "kafka"), ("messaging.operation", "publish"), ("messaging.client_id", producer.Name),
                ("messaging.destination.name", topic), ("messaging.kafka.destination.partition", 0), ("messaging.kafka.message.key", "k2")),
            publish[1].TagObjects.ToDictionary());
        Assert.Equal(
            Tags(
                ("messaging.system", "kafka"), ("messaging.operation", "receive"), ("messaging.client_id", consumer.Name),
                ("messaging.destination.name", topic), ("messaging.kafka.destination.partition", 0), ("messaging.kafka.message.key", "k2"),
                ("messaging.kafka.message.offset", 1L), ("messaging.kafka.consumer.group", "readers")),
            receive[1].TagObjects.ToDictionary());

        var metrics = telemetry.Metrics(host.Services).Where(point => topic.Equals(point.Tags.GetValueOrDefault("messaging.destination.name"))).ToList();
        Assert.All(metrics, point => Assert.Equal((Instrumentation, "kafka"), (point.Meter, point.Tags["messaging.system"])));
        Assert.Equal(2, metrics.Where(point => point.Name == "messaging.publish.messages").Sum(point => point.Value));
        Assert.Equal(2, metrics.Where(point => point.Name == "messaging.publish.duration").Sum(point => point.Value));
        Assert.Equal(2, metrics.Where(point => point.Name == "messaging.receive.messages").Sum(point => point.Value));
        Assert.Equal(2, metrics.Where(point => point.Name == "messaging.receive.duration").Sum(point => point.Value));
    }

    [Fact]
    public async Task What_could_not_be_published_is_an_error_in_span_and_metrics()
    {
        var topic = await broker.CreateTopicAsync();
        var telemetry = new CollectedTelemetry();
        using var host = await StartAsync(topic, keyed: false, telemetry);
        var producer = host.Services.GetRequiredService<IProducer<string, string>>();

        var tooLarge = new Message<string, string> { Key = "k", Value = new string('x', 2_000_000) };
        await Assert.ThrowsAsync<ProduceException<string, string>>(() => producer.ProduceAsync(topic, tooLarge, TestContext.Current.CancellationToken));

        var span = Assert.Single(telemetry.Spans);
        Assert.Equal((ActivityStatusCode.Error, "ProduceException: MsgSizeTooLarge"), (span.Status, span.GetTagItem("error.type")));
        Assert.Contains(telemetry.Metrics(host.Services), point =>
            point.Name == "messaging.publish.messages" && topic.Equals(point.Tags["messaging.destination.name"])
            && "ProduceException: MsgSizeTooLarge".Equals(point.Tags.GetValueOrDefault("error.type")));
    }

    [Fact]
    public async Task Disabled_telemetry_makes_no_span_no_metric_and_no_header()
    {
        var topic = await broker.CreateTopicAsync();
        var telemetry = new CollectedTelemetry();
        using var host = await StartAsync(topic, keyed: false, telemetry, ("DisableTracing", "true"), ("DisableMetrics", "true"));

        var message = new Message<string, string> { Key = "k", Value = "v" };
        await host.Services.GetRequiredService<IProducer<string, string>>().ProduceAsync(topic, message, TestContext.Current.CancellationToken);

        Assert.Empty(telemetry.Spans);
        Assert.DoesNotContain(telemetry.Metrics(host.Services), point => topic.Equals(point.Tags.GetValueOrDefault("messaging.destination.name")));
        Assert.Null(message.Headers);
    }

    [Fact]
    public async Task The_switch_of_Aspire_8_adds_the_metrics_that_librdkafka_tells()
    {
        const string Switch = "EnableAspire8ConfluentKafkaMetrics";
        var topic = await broker.CreateTopicAsync();
        var telemetry = new CollectedTelemetry();
        AppContext.SetSwitch(Switch, true);
        using var host = await StartAsync(topic, keyed: false, telemetry, ("Config:StatisticsIntervalMs", "50"), ("Config:ClientId", topic));
        AppContext.SetSwitch(Switch, false);
        await host.Services.GetRequiredService<IProducer<string, string>>().ProduceAsync(
            topic, new Message<string, string> { Key = "k", Value = "v" }, TestContext.Current.CancellationToken);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        List<CollectedTelemetry.MetricValue> metrics;
        do
        {
            await Task.Delay(50, deadline.Token);
            metrics = [.. telemetry.Metrics(host.Services)
                .Where(point => point.Meter == "Aspire.Confluent.Kafka" && topic.Equals(point.Tags["messaging.client_id"]))];
        }
        while (!metrics.Any(point => point is { Name: "messaging.publish.messages", Value: 1 }));

        Assert.Equal(
            [
                "messaging.kafka.consumer.queue.message_count", "messaging.kafka.message.received", "messaging.kafka.message.transmitted",
                "messaging.kafka.network.received", "messaging.kafka.network.rx", "messaging.kafka.network.transmitted", "messaging.kafka.network.tx",
                "messaging.kafka.producer.queue.message_count", "messaging.kafka.producer.queue.size",
                "messaging.publish.messages", "messaging.receive.messages",
            ],
            metrics.Select(point => point.Name).Order(StringComparer.Ordinal));
        Assert.All(metrics, point => Assert.StartsWith(topic, (string)point.Tags["name"]!, StringComparison.Ordinal));
        Assert.All(
            metrics.Where(point => point.Name.Contains("network", StringComparison.Ordinal)),
            point => Assert.True(point.Value > 0 && "producer".Equals(point.Tags["type"]), $"{point}"));
        Assert.All(metrics.Where(point => point.Name.Contains("queue", StringComparison.Ordinal)), point => Assert.DoesNotContain("type", point.Tags.Keys));
    }

    private async Task<IHost> StartAsync(string topic, bool keyed, CollectedTelemetry telemetry, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration[$"ConnectionStrings:{topic}"] = await broker.AddressAsync();
        builder.Configuration[$"Aspire:Confluent:Kafka:Consumer:{topic}:Config:GroupId"] = "readers";
        foreach (var (name, value) in settings)
        {
            builder.Configuration[$"Aspire:Confluent:Kafka:Producer:{topic}:{name}"] = value;
        }

        if (keyed)
        {
            builder.AddKeyedKafkaProducer<string, string>(topic);
            builder.AddKeyedKafkaConsumer<string, string>(topic);
        }
        else
        {
            builder.AddKafkaProducer<string, string>(topic);
            builder.AddKafkaConsumer<string, string>(topic);
        }

        telemetry.AddTo(builder.Services);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static Dictionary<string, object?> Tags(params (string Name, object Value)[] tags) =>
        tags.ToDictionary(tag => tag.Name, tag => (object?)tag.Value);
}
