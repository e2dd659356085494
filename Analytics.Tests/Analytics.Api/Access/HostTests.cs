using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Analytics.Tests.Analytics.Api.Access;

public sealed class HostTests(GuardedApi guarded, SmallWorldApi world) : IClassFixture<GuardedApi>, IClassFixture<SmallWorldApi>
{
    [Theory]
    [InlineData("evil.example", "/api/summary")]
    [InlineData("evil.example:80", "/health")]
    [InlineData("localhost.evil.example", "/report")]
    [InlineData("evil.example", "/openapi/v1.json")]
    [InlineData("evil.example", "/nothing")]
    [InlineData("192.0.2.7", "/api/summary")]
    [InlineData("[2001:db8::7]", "/api/summary")]
    [InlineData("127.0.0.1.evil.example", "/api/live")]
    public async Task A_request_under_a_name_that_is_not_ours_is_refused(string host, string path)
    {
        using var answer = await AskAsync(world.Api, host, path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("AllowedHosts", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5180")]
    [InlineData("api.localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:1")]
    public async Task Loopback_is_known_under_each_of_its_names_and_at_every_port(string host)
    {
        using var answer = await AskAsync(world.Api, host, "/api/summary");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task The_machines_own_name_is_known()
    {
        using var answer = await AskAsync(world.Api, IPGlobalProperties.GetIPGlobalProperties().HostName, "/api/summary");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("activity.example", HttpStatusCode.OK)]
    [InlineData("a.wide.example:443", HttpStatusCode.OK)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("wide.example", HttpStatusCode.BadRequest)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    public async Task The_configuration_adds_names(string host, HttpStatusCode status)
    {
        await using var api = new ApiServer(await world.CreateDatabaseAsync(), settings: ("AllowedHosts", "activity.example; *.wide.example"));

        using var answer = await AskAsync(api, host, "/alive");

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_probe_by_the_address_it_connects_to_is_answered()
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(address is null, "This machine has no address but loopback.");
        await using var api = await guarded.StartAsync(("urls", "http://0.0.0.0:0"));

        using var client = new HttpClient { BaseAddress = new UriBuilder(api.ClientOptions.BaseAddress) { Host = address.ToString() }.Uri };
        using var probe = await client.GetAsync("/alive", TestContext.Current.CancellationToken);
        using var summary = await client.GetAsync("/api/summary", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (probe.StatusCode, summary.StatusCode));
    }

    private static Task<HttpResponseMessage> AskAsync(ApiServer api, string host, string path) => GuardedApi.AskAsync(api, path, headers: ("Host", host));
}
