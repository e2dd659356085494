using System.Globalization;
using Analytics.Tests.Analytics.Api;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Analytics.Tests.Aspire.Kafka;

/// <summary>The containers that the AppHost's users get from AddKafka and its extensions; only the model, no container is started.</summary>
public sealed class KafkaResourceTests(KafkaServer broker)
{
    [Fact]
    public void The_broker_has_an_image_two_endpoints_an_icon_and_a_health_check()
    {
        var kafka = Run().AddKafka("kafka", port: 19092).Resource;

        var image = Assert.Single(kafka.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal(("docker.io", "confluentinc/confluent-local", "8.2.0"), (image.Registry, image.Image, image.Tag));
        Assert.Equal(
            [("tcp", 19092, 9092), ("internal", null, 9093)],
            kafka.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (endpoint.Name, endpoint.Port, endpoint.TargetPort)));
        Assert.Equal("MailMultiple", Assert.Single(kafka.Annotations.OfType<ResourceIconAnnotation>()).IconName);
        Assert.Equal("kafka_check", Assert.Single(kafka.Annotations.OfType<HealthCheckAnnotation>()).Key);
        Assert.Equal("{kafka.bindings.tcp.host}:{kafka.bindings.tcp.port}", kafka.ConnectionStringExpression.ValueExpression);
        Assert.Equal(
            [("Host", "{kafka.bindings.tcp.host}"), ("Port", "{kafka.bindings.tcp.port}")],
            ((IResourceWithConnectionString)kafka).GetConnectionProperties().Select(property => (property.Key, property.Value.ValueExpression)));
    }

    [Fact]
    public async Task Each_listener_advertises_what_its_own_clients_can_reach()
    {
        var run = Run();
        var started = await EnvironmentOfAsync(run, run.AddKafka("kafka").Resource);
        Assert.Equal(
            "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:9092,PLAINTEXT_INTERNAL://0.0.0.0:9093",
            started["KAFKA_LISTENERS"]);
        Assert.Equal(
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT", started["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]);
        Assert.Equal(
            "PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:{kafka.bindings.tcp.port},PLAINTEXT_INTERNAL://kafka:{kafka.bindings.internal.targetPort}",
            started["KAFKA_ADVERTISED_LISTENERS"]);
        Assert.DoesNotContain("KAFKA_LOG_DIRS", started.Keys);

        var publish = Publish();
        var published = await EnvironmentOfAsync(publish, publish.AddKafka("kafka").Resource);
        Assert.Equal(
            "PLAINTEXT://{kafka.bindings.tcp.host}:29092,PLAINTEXT_HOST://{kafka.bindings.tcp.host}:{kafka.bindings.tcp.port},"
            + "PLAINTEXT_INTERNAL://{kafka.bindings.internal.host}:{kafka.bindings.internal.port}",
            published["KAFKA_ADVERTISED_LISTENERS"]);
    }

    [Fact]
    public async Task A_volume_or_a_folder_keeps_the_data_where_the_broker_writes_it()
    {
        var builder = Run();
        var named = builder.AddKafka("named").WithDataVolume("events", isReadOnly: true).Resource;
        var unnamed = builder.AddKafka("unnamed").WithDataVolume().Resource;
        var folder = builder.AddKafka("folder").WithDataBindMount("events").Resource;

        foreach (var (kafka, type, source, isReadOnly) in new[]
        {
            (named, ContainerMountType.Volume, "events", true),
            (unnamed, ContainerMountType.Volume, VolumeNameGenerator.Generate(builder.CreateResourceBuilder(unnamed), "data"), false),
            (folder, ContainerMountType.BindMount, Path.Combine(builder.AppHostDirectory, "events"), false),
        })
        {
            var mount = Assert.Single(kafka.Annotations.OfType<ContainerMountAnnotation>());
            Assert.Equal((type, source, "/var/lib/kafka/data", isReadOnly), (mount.Type, mount.Source, mount.Target, mount.IsReadOnly));
            Assert.Equal("/var/lib/kafka/data", (await EnvironmentOfAsync(builder, kafka))["KAFKA_LOG_DIRS"]);
        }
    }

    [Fact]
    public async Task One_page_shows_every_broker_also_those_added_after_it()
    {
        var builder = Run();
        var configured = 0;
        builder.AddKafka("first").WithKafkaUI(page => page.WithHostPort(8081), containerName: "pages").WithKafkaUI(_ => configured++, "other");
        builder.AddKafka("second").WithKafkaUI();
        builder.AddKafka("third");

        var page = Assert.Single(builder.Resources.OfType<KafkaUIContainerResource>());
        Assert.Equal(("pages", 1), (page.Name, configured));
        var image = Assert.Single(page.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal(("docker.io", "kafbat/kafka-ui", "v1.5.0"), (image.Registry, image.Image, image.Tag));
        var endpoint = Assert.Single(page.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(("http", 8081, 8080), (endpoint.Name, endpoint.Port, endpoint.TargetPort));
        Assert.Equal("WindowDatabase", Assert.Single(page.Annotations.OfType<ResourceIconAnnotation>()).IconName);
        Assert.Contains(ManifestPublishingCallbackAnnotation.Ignore, page.Annotations);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["KAFKA_CLUSTERS_0_NAME"] = "first",
                ["KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS"] = "first:{first.bindings.internal.targetPort}",
                ["KAFKA_CLUSTERS_1_NAME"] = "second",
                ["KAFKA_CLUSTERS_1_BOOTSTRAPSERVERS"] = "second:{second.bindings.internal.targetPort}",
                ["KAFKA_CLUSTERS_2_NAME"] = "third",
                ["KAFKA_CLUSTERS_2_BOOTSTRAPSERVERS"] = "third:{third.bindings.internal.targetPort}",
            },
            await EnvironmentOfAsync(builder, page));
    }

    [Fact]
    public async Task The_health_check_passes_once_a_broker_acknowledges_a_message()
    {
        var address = (await broker.AddressAsync()).Split(':');
        var builder = Run();
        var kafka = builder.AddKafka("kafka").WithEndpoint(
            "tcp", endpoint => endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, address[0], int.Parse(address[1], CultureInfo.InvariantCulture)));
        await using var application = builder.Build();
        var checks = application.Services.GetRequiredService<HealthCheckService>();

        var early = await checks.CheckHealthAsync(check => check.Name == "kafka_check", TestContext.Current.CancellationToken);
        await builder.Eventing.PublishAsync(new ConnectionStringAvailableEvent(kafka.Resource, application.Services), TestContext.Current.CancellationToken);
        var late = await checks.CheckHealthAsync(check => check.Name == "kafka_check", TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Unhealthy, early.Entries["kafka_check"].Status);
        Assert.Equal("The address of kafka is not known yet: its endpoint is not allocated.", early.Entries["kafka_check"].Description);
        Assert.Equal(HealthStatus.Healthy, late.Entries["kafka_check"].Status);
    }

    private static IDistributedApplicationBuilder Run() => DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    private static IDistributedApplicationBuilder Publish() =>
        DistributedApplication.CreateBuilder(["--operation", "publish", "--publisher", "manifest", "--output-path", Path.GetTempPath()]);

    /// <summary>The variables as a manifest writes them: endpoints stay placeholders.</summary>
    private static async Task<Dictionary<string, string>> EnvironmentOfAsync(IDistributedApplicationBuilder builder, IResource resource)
    {
        var context = new EnvironmentCallbackContext(builder.ExecutionContext, resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return context.EnvironmentVariables.ToDictionary(
            variable => variable.Key,
            variable => variable.Value is IManifestExpressionProvider expression ? expression.ValueExpression : (string)variable.Value);
    }
}
