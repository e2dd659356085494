using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Analytics.Tests.AspireLocal;

public sealed class ReferenceTests
{
    [Fact]
    public async Task A_reference_gives_the_connection_string_and_its_parts()
    {
        await using var test = new TestApplication();
        var broker = test.Builder.AddResource(new BrokerResource("my-kafka", "sleep", test.Folder)).WithArgs("1000").WithEndpoint(name: "tcp");
        var user = test.Builder.AddExecutable("user", "env", ".").WithReference(broker).WithReference(broker, "other");

        await test.StartAsync();
        var variables = await VariablesAsync(test, user.Resource);
        var port = broker.GetEndpoint("tcp").Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal($"localhost:{port}", variables["ConnectionStrings__my-kafka"]);
        Assert.Equal("localhost", variables["MY_KAFKA_HOST"]);
        Assert.Equal(port, variables["MY_KAFKA_PORT"]);
        Assert.Equal($"localhost:{port}", variables["ConnectionStrings__other"]);
    }

    [Fact]
    public async Task A_reference_to_a_service_gives_its_addresses_as_service_discovery_reads_them()
    {
        await using var test = new TestApplication();
        var api = test.Builder.AddResource(new ServiceResource("api", "sleep", test.Folder)).WithArgs("1000").WithHttpEndpoint().WithHttpEndpoint(name: "admin");
        var user = test.Builder.AddExecutable("user", "env", ".").WithReference(api);

        await test.StartAsync();
        var variables = await VariablesAsync(test, user.Resource);

        Assert.Equal(api.GetEndpoint("http").Url, variables["services__api__http__0"]);
        Assert.Equal(api.GetEndpoint("admin").Url, variables["services__api__http__1"]);
        Assert.Equal(api.GetEndpoint("http").Url, variables["API_HTTP"]);
    }

    [Fact]
    public async Task Configuration_gives_parameters_and_connection_strings()
    {
        await using var test = new TestApplication("--Parameters:who=ada", "--ConnectionStrings:kafka=broker:9092");
        var name = test.Builder.AddParameter("who");
        var kafka = test.Builder.AddConnectionString("kafka");
        var database = test.Builder.AddConnectionString("database", ReferenceExpression.Create($"Username={name};Options={{x}};Host={kafka}"));
        var user = test.Builder.AddExecutable("user", "env", ".").WithReference(kafka).WithReference(database).WithEnvironment("WHO", name).WaitFor(kafka);

        await test.StartAsync();
        var variables = await VariablesAsync(test, user.Resource);

        Assert.Equal("broker:9092", variables["ConnectionStrings__kafka"]);
        Assert.Equal("Username=ada;Options={x};Host=broker:9092", variables["ConnectionStrings__database"]);
        Assert.Equal("ada", variables["WHO"]);
    }

    [Fact]
    public async Task A_missing_connection_string_fails_the_start_with_a_sentence_that_names_the_variable()
    {
        await using var test = new TestApplication();
        var user = test.Builder.AddExecutable("user", "env", ".").WithReference(test.Builder.AddConnectionString("kafka"));

        await test.StartAsync();
        await test.UntilAsync("user", KnownResourceStates.FailedToStart);

        Assert.Contains("set ConnectionStrings:kafka in the AppHost's configuration, or the environment variable ConnectionStrings__kafka", Assert.Single(await test.ConsoleAsync(user.Resource)).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_made_up_password_is_kept_for_the_next_run_and_readable_by_its_owner_only()
    {
        await using var test = new TestApplication();
        Directory.CreateDirectory(test.PathOf(".aspire"));
        async Task<string?> Password() => await ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(test.Builder, "postgres-password", special: false, minUpper: 2).GetValueAsync(TestApplication.Deadline());

        var first = await Password();

        Assert.Equal(first, await Password());
        Assert.Equal(22, first!.Length);
        Assert.All(first, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
        Assert.True(first.Count(char.IsAsciiLetterUpper) >= 2);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(test.PathOf(".aspire/parameters.json")));
    }

    [Fact]
    public async Task Telemetry_variables_are_given_to_those_that_send_it()
    {
        await using var test = new TestApplication("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:24317", "--AppHost:OtlpApiKey=secret");
        var sender = test.Shell("sender", "env").WithOtlpExporter();
        var silent = test.Shell("silent", "env");

        await test.StartAsync();
        var variables = await VariablesAsync(test, sender.Resource);

        Assert.Equal("http://localhost:24317", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("grpc", variables["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("x-otlp-api-key=secret", variables["OTEL_EXPORTER_OTLP_HEADERS"]);
        Assert.Equal("sender", variables["OTEL_SERVICE_NAME"]);
        var instance = (await test.Notifications.WaitForResourceAsync("sender", _ => true, TestApplication.Deadline())).ResourceId;
        Assert.Equal($"service.instance.id={instance["sender-".Length..]}", variables["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.DoesNotContain((await VariablesAsync(test, silent.Resource)).Keys, name => name.StartsWith("OTEL_", StringComparison.Ordinal));
    }

    private static async Task<Dictionary<string, string>> VariablesAsync(TestApplication test, ExecutableResource resource)
    {
        await test.UntilEndedAsync(resource.Name);
        var pairs = (await test.ConsoleAsync(resource)).Select(line => line.Content.Split('=', 2)).Where(pair => pair.Length == 2);
        return pairs.DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private sealed class ServiceResource(string name, string command, string folder) : ExecutableResource(name, command, folder), IResourceWithServiceDiscovery;

    private sealed class BrokerResource(string name, string command, string folder) : ExecutableResource(name, command, folder), IResourceWithConnectionString
    {
        private EndpointReference Endpoint => new(this, "tcp");

        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.HostAndPort)}");

        IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        [
            new("Host", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Host)}")),
            new("Port", ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Port)}")),
        ];
    }
}
