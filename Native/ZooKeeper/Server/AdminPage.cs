using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ZooKeeper.Server;

/// <summary>
/// The admin page of ZooKeeper: GET /commands lists the commands, GET /commands/NAME answers one as JSON, by its long or its four-letter
/// name. It only tells; the commands that change something are not there.
/// </summary>
internal sealed class AdminPage : IAsyncDisposable
{
    private static readonly (string Name, string Word)[] Commands =
    [
        ("configuration", "conf"), ("connections", "cons"), ("dirs", "dirs"), ("dump", "dump"), ("environment", "envi"), ("hash", "hash"),
        ("is_read_only", "isro"), ("monitor", "mntr"), ("ruok", "ruok"), ("server_stats", "srvr"), ("stats", "stat"), ("watch_summary", "wchs"),
        ("watches", "wchc"), ("watches_by_path", "wchp"),
    ];

    private readonly HttpListener _http = new();
    private readonly Report _report;
    private readonly Task _running;

    private AdminPage(IPEndPoint address, Report report)
    {
        _report = report;
        _http.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{address}/"));
        try
        {
            _http.Start();
        }
        catch (HttpListenerException e)
        {
            throw new ArgumentException($"Can't listen on {address} ({e.Message}); give another address or port with --admin.");
        }

        _running = RunAsync();
    }

    public static AdminPage Start(IPEndPoint address, Report report) => new(address, report);

    public async ValueTask DisposeAsync()
    {
        _http.Close();
        await _running;
    }

    private async Task RunAsync()
    {
        while (_http.IsListening)
        {
            try
            {
                Answer(await _http.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // The client or the page is gone.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        using var response = context.Response;
        var path = context.Request.Url?.AbsolutePath.Trim('/') ?? "";
        var name = path.StartsWith("commands/", StringComparison.Ordinal) ? path["commands/".Length..] : null;
        var command = Array.Find(Commands, c => c.Name == name || c.Word == name);
        if (context.Request.HttpMethod != "GET" || (path != "commands" && command == default))
        {
            response.StatusCode = context.Request.HttpMethod == "GET" ? 404 : 405;
            return;
        }

        response.ContentType = "application/json";
        using var json = new Utf8JsonWriter(response.OutputStream, new() { Indented = true });
        json.WriteStartObject();
        if (command == default)
        {
            json.WriteStartArray("commands");
            Array.ForEach(Commands, c => json.WriteStringValue(c.Name));
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("command", command.Name);
            json.WriteNull("error");
            Write(json, command.Name);
        }

        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, string command)
    {
        switch (command)
        {
            case "configuration":
                Values(json, _report.Configuration());
                break;
            case "environment":
                Values(json, Report.Environment());
                break;
            case "monitor":
                Values(json, _report.Monitor());
                break;
            case "server_stats" or "stats":
                Values(json, _report.Monitor());
                if (command == "stats")
                {
                    Connections(json);
                }

                break;
            case "connections":
                Connections(json);
                break;
            case "dirs":
                var (data, log) = _report.Sizes();
                json.WriteNumber("datadir_size", data);
                json.WriteNumber("logdir_size", log);
                break;
            case "is_read_only":
                json.WriteBoolean("read_only", false);
                break;
            case "hash":
                var (zxid, digest) = _report.Digest();
                json.WriteString("zxid", Report.Hex(zxid));
                json.WriteNumber("digest", digest);
                break;
            case "watch_summary":
                var (watchers, paths, watches) = _report.WatchSummary();
                json.WriteNumber("num_connections", watchers);
                json.WriteNumber("num_paths", paths);
                json.WriteNumber("num_total_watches", watches);
                break;
            case "watches":
                Groups(json, "session_id_to_watched_paths", _report.Watches().GroupBy(watch => Report.Hex(watch.Session), watch => watch.Path));
                break;
            case "watches_by_path":
                Groups(json, "path_to_session_ids", _report.Watches().GroupBy(watch => watch.Path, watch => Report.Hex(watch.Session)));
                break;
            case "dump":
                Groups(json, "session_id_to_ephemeral_paths", _report.Ephemerals()
                    .SelectMany(owned => owned.Paths.Select(path => (owned.Session, Path: path))).GroupBy(e => Report.Hex(e.Session), e => e.Path));
                break;
        }
    }

    private void Connections(Utf8JsonWriter json)
    {
        json.WriteStartArray("connections");
        foreach (var client in _report.Clients)
        {
            json.WriteStartObject();
            json.WriteString("remote_socket_address", client.Remote.ToString());
            json.WriteString("session_id", Report.Hex(client.SessionId));
            json.WriteNumber("session_timeout", client.TimeoutMs);
            json.WriteNumber("outstanding_requests", client.Statistics.Outstanding);
            json.WriteNumber("packets_received", client.Statistics.Received);
            json.WriteNumber("packets_sent", client.Statistics.Sent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Values(Utf8JsonWriter json, IEnumerable<(string Name, object Value)> values)
    {
        foreach (var (name, value) in values)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value is Enum ? value.ToString() : value);
        }
    }

    private static void Groups(Utf8JsonWriter json, string name, IEnumerable<IGrouping<string, string>> groups)
    {
        json.WriteStartObject(name);
        foreach (var group in groups)
        {
            json.WriteStartArray(group.Key);
            foreach (var entry in group)
            {
                json.WriteStringValue(entry);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
