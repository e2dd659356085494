using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Analytics.Tests.AspireLocal;

public sealed class EndpointTests
{
    [Fact]
    public async Task A_process_listens_behind_the_port_that_clients_use()
    {
        await using var test = new TestApplication();
        var server = test.Shell("server", "echo port $PORT; sleep 1000").WithHttpEndpoint(env: "PORT");
        server.WithArgs(server.GetEndpoint("http").Property(EndpointProperty.TargetPort));

        await test.StartAsync();
        using var process = Answering(await PortAsync(test, server.Resource), "one");
        var endpoint = server.GetEndpoint("http");

        Assert.NotEqual(process.Port, endpoint.Port);
        Assert.Equal("one: hello", await AskAsync(endpoint.Port, "hello"));
    }

    [Fact]
    public async Task Connections_go_to_the_replicas_in_turn_and_past_one_that_is_down()
    {
        await using var test = new TestApplication();
        var server = test.Shell("server", "echo port $PORT; sleep 1000").WithEndpoint(name: "tcp", env: "PORT").WithAnnotation(new ReplicaAnnotation(2));

        await test.StartAsync();
        var ports = new HashSet<int>();
        while (ports.Count < 2)
        {
            ports.Add(int.Parse((await test.LineAsync(server.Resource, line => line.StartsWith("port ", StringComparison.Ordinal) && !ports.Contains(PortOf(line))))["port ".Length..], CultureInfo.InvariantCulture));
        }

        using var one = Answering(ports.First(), "one");
        using var two = Answering(ports.Last(), "two");
        var port = server.GetEndpoint("tcp").Port;
        string[] answers = [await AskAsync(port, "?"), await AskAsync(port, "?"), await AskAsync(port, "?"), await AskAsync(port, "?")];
        Assert.Equal(2, answers.Count(answer => answer == "one: ?"));
        Assert.Equal(2, answers.Count(answer => answer == "two: ?"));

        two.Dispose();
        Assert.Equal("one: !", await AskAsync(port, "!"));
        Assert.Equal("one: !", await AskAsync(port, "!"));
    }

    [Fact]
    public async Task A_connection_is_held_for_a_moment_while_the_process_is_down()
    {
        await using var test = new TestApplication();
        var server = test.Shell("server", "echo port $PORT; sleep 1000").WithEndpoint(name: "tcp", env: "PORT");

        await test.StartAsync();
        var targetPort = await PortAsync(test, server.Resource);
        var asking = AskAsync(server.GetEndpoint("tcp").Port, "early");
        using var process = Answering(targetPort, "late");

        Assert.Equal("late: early", await asking);
    }

    [Fact]
    public async Task Without_a_proxy_the_process_listens_on_the_port_itself()
    {
        await using var test = new TestApplication();
        var server = test.Shell("server", "echo port $PORT; sleep 1000").WithEndpoint(name: "tcp", env: "PORT", isProxied: false);

        await test.StartAsync();

        Assert.Equal(server.GetEndpoint("tcp").Port, await PortAsync(test, server.Resource));
    }

    [Fact]
    public async Task A_taken_port_fails_the_start_with_a_sentence()
    {
        await using var test = new TestApplication();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var server = test.Shell("server", "echo started").WithHttpEndpoint(port: port);

        await test.StartAsync();
        await test.UntilAsync("server", KnownResourceStates.FailedToStart);

        Assert.Contains($"The port {port} of the endpoint 'http' of 'server' is taken", Assert.Single(await test.ConsoleAsync(server.Resource)).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_gets_a_free_port_for_a_proxied_endpoint_whatever_was_asked_for()
    {
        await using var test = new TestApplication("--DcpPublisher:RandomizePorts=true");
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var server = test.Shell("server", "sleep 1000").WithHttpEndpoint(port: port);

        await test.StartAsync();
        await test.UntilAsync("server", KnownResourceStates.Running);

        Assert.NotEqual(port, server.GetEndpoint("http").Port);
    }

    [Fact]
    public async Task The_links_of_a_resource_are_its_endpoints_and_what_was_added()
    {
        await using var test = new TestApplication();
        var server = test.Shell("server", "sleep 1000").WithHttpEndpoint()
            .WithUrlForEndpoint("http", url => url.DisplayText = "Page")
            .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/scalar", DisplayText = "API" });

        await test.StartAsync();
        var urls = (await test.UntilAsync("server", KnownResourceStates.Running)).Urls;
        var address = server.GetEndpoint("http").Url;

        Assert.Equal([address, $"{address}/scalar"], urls.Select(url => url.Url));
        Assert.Equal(["Page", "API"], urls.Select(url => url.DisplayProperties.DisplayName));
        Assert.DoesNotContain(urls, url => url.IsInactive);
    }

    private static int PortOf(string line) => int.Parse(line["port ".Length..], CultureInfo.InvariantCulture);

    private static async Task<int> PortAsync(TestApplication test, IResource server) => PortOf(await test.LineAsync(server, line => line.StartsWith("port ", StringComparison.Ordinal)));

    /// <summary>Stands where the process would: answers each text with a name before it.</summary>
    private static AnsweringServer Answering(int port, string name) => new(port, name);

    private static async Task<string> AskAsync(int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestApplication.Deadline());
        using var reader = new StreamReader(client.GetStream());
        await client.Client.SendAsync(Encoding.UTF8.GetBytes(text), TestApplication.Deadline());
        client.Client.Shutdown(SocketShutdown.Send);
        return await reader.ReadToEndAsync(TestApplication.Deadline());
    }

    private sealed class AnsweringServer : IDisposable
    {
        private readonly TcpListener _listener;

        public AnsweringServer(int port, string name)
        {
            Port = port;
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start();
            _ = ServeAsync(name);
        }

        public int Port { get; }

        public void Dispose() => _listener.Stop();

        private async Task ServeAsync(string name)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream());
                    var text = await reader.ReadToEndAsync();
                    await client.Client.SendAsync(Encoding.UTF8.GetBytes($"{name}: {text}"));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is through with it.
            }
        }
    }
}
