using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Native.Hosting;

namespace Analytics.Tests.ZooKeeper;

/// <summary>What an operator asks without a session.</summary>
public sealed class FourLetterWordTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_srvr_is_answered_unless_more_are_allowed()
    {
        await using var server = await ServerProcess.StartAsync();
        Assert.StartsWith("Zookeeper version: 3.", await AskAsync(server.Port, "srvr"), StringComparison.Ordinal);
        Assert.Equal("ruok is not executed because it is not in the whitelist.\n", await AskAsync(server.Port, "ruok"));
    }

    [Fact]
    public async Task The_admin_page_answers_each_command_as_JSON()
    {
        var (folder, admin) = (Directory.CreateTempSubdirectory("zookeeper-"), new IPEndPoint(IPAddress.Loopback, Ports.Free()));
        try
        {
            var options = new global::ZooKeeper.Settings.ZooKeeperOptions { DataFolder = folder.FullName, Listen = new(IPAddress.Loopback, 0), Admin = admin };
            await using var server = await global::ZooKeeper.Server.ZooKeeperServer.StartAsync(options, Stop);
            await using var client = await RawClient.ConnectAsync(server.EndPoint.Port);
            await client.GetAsync("/", watch: true);
            using var http = new HttpClient { BaseAddress = new($"http://{admin}/") };
            var list = await http.GetFromJsonAsync<JsonElement>("commands", Stop);
            foreach (var command in list.GetProperty("commands").EnumerateArray())
            {
                var answer = await http.GetFromJsonAsync<JsonElement>($"commands/{command.GetString()}", Stop);
                Assert.Equal(command.GetString(), answer.GetProperty("command").GetString());
                Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
            }

            var monitor = await http.GetFromJsonAsync<JsonElement>("commands/mntr", Stop);
            Assert.Equal(
                (4, 1, 1), (monitor.GetProperty("znode_count").GetInt32(), monitor.GetProperty("watch_count").GetInt32(),
                monitor.GetProperty("global_sessions").GetInt32()));
            var watches = await http.GetFromJsonAsync<JsonElement>("commands/watches", Stop);
            Assert.Equal("/", watches.GetProperty("session_id_to_watched_paths").GetProperty($"0x{client.SessionId:x}")[0].GetString());
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("commands/nothing", Stop)).StatusCode);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PostAsync("commands/ruok", null, Stop)).StatusCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal static async Task<string> AskAsync(int port, string word)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(word), Stop);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(Stop);
    }
}
