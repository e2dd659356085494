using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Kafka.Broker.Settings;
using Kafka.Broker.Topics;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Registration;

/// <summary>
/// Shows the broker in a ZooKeeper as a Kafka 3 broker shows itself there (zookeeper.connect): who it is, that it is the controller, and its
/// topics with their settings, kept true while they change. The data folder is what counts: nothing is read back, and without
/// ZooKeeper the broker works on, and registers again when it is there.
/// </summary>
internal sealed partial class ZooKeeperRegistration(
    BrokerOptions options, DataFolder folder, TopicCatalog topics, string host, int port, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What others changed or deleted is put right so often.</summary>
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(30);

    /// <summary>Nodes that Kafka's tools expect to be there.</summary>
    private static readonly string[] Parents =
    [
        "/cluster", "/brokers", "/brokers/ids", "/brokers/topics", "/brokers/seqid", "/config", "/config/changes", "/config/topics", "/config/brokers",
        "/config/clients", "/config/users", "/config/ips", "/admin", "/admin/delete_topics", "/isr_change_notification", "/latest_producer_id_block",
        "/log_dir_event_notification",
    ];

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private int _epoch = 1;
    private bool _isTold;

    /// <summary>Something about the topics is another way now.</summary>
    public void OnTopicsChanged() => _changed.Writer.TryWrite(true);

    /// <summary>Keeps the registration until stopped, and takes it back then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var session = new ZooKeeperSession(options.Value("zookeeper.connect"), (int)options.Number("zookeeper.session.timeout.ms"));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!await session.ConnectAsync(stop))
                {
                    await RegisterAsync(session, stop);
                    LogRegistered(log, options.Value("zookeeper.connect"), session.Id);
                }

                _isTold = false;
                await KeepAsync(session, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (!_isTold)
                {
                    LogLost(log, options.Value("zookeeper.connect"), e.Message);
                    _isTold = true;
                }

                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await LeaveAsync(session);
    }

    private async Task KeepAsync(ZooKeeperSession session, CancellationToken stop)
    {
        var reviewed = time.GetTimestamp();
        while (true)
        {
            await ReconcileAsync(session, stop);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(session.PingInterval);
            try
            {
                await _changed.Reader.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                await session.PingAsync(stop);
            }

            if (time.GetElapsedTime(reviewed) > Review)
            {
                _written.Clear();
                await RegisterAsync(session, stop);
                reviewed = time.GetTimestamp();
            }
        }
    }

    /// <summary>Everything but the topics.</summary>
    private async Task RegisterAsync(ZooKeeperSession session, CancellationToken stop)
    {
        _written.Clear();
        await session.CreateRootAsync(stop);
        foreach (var parent in Parents)
        {
            await session.CreateAsync(parent, null, isEphemeral: false, stop);
        }

        var timestamp = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        await session.CreateAsync("/cluster/id", Json(new() { ["version"] = "1", ["id"] = folder.ClusterId }), isEphemeral: false, stop);
        var own = await OwnAsync(session, $"/brokers/ids/{options.NodeId}", Json(new()
        {
            ["features"] = new Dictionary<string, object?>(),
            ["listener_security_protocol_map"] = new Dictionary<string, object?> { ["PLAINTEXT"] = "PLAINTEXT" },
            ["endpoints"] = (string[])[string.Create(CultureInfo.InvariantCulture, $"PLAINTEXT://{host}:{port}")],
            ["jmx_port"] = -1,
            ["port"] = port,
            ["host"] = host,
            ["version"] = 5,
            ["timestamp"] = timestamp,
        }), stop);
        if (own == Ownership.Another)
        {
            LogTwin(log, options.NodeId, options.Value("zookeeper.connect"));
        }

        var controller = await OwnAsync(session, "/controller", Json(new()
        {
            ["version"] = 2,
            ["brokerid"] = options.NodeId,
            ["timestamp"] = timestamp,
            ["kraftControllerEpoch"] = -1,
        }), stop);
        if (controller == Ownership.Taken)
        {
            await CountElectionAsync(session, stop);
        }
    }

    private enum Ownership
    {
        /// <summary>It was this session's.</summary>
        Kept,

        /// <summary>It is now, and was not before.</summary>
        Taken,

        /// <summary>It is of another broker.</summary>
        Another,
    }

    /// <summary>An ephemeral node of this session. One that an earlier session of this broker left behind is replaced.</summary>
    private static async Task<Ownership> OwnAsync(ZooKeeperSession session, string path, byte[] data, CancellationToken stop)
    {
        if (await session.CreateAsync(path, data, isEphemeral: true, stop) != ZooKeeperSession.NodeExists)
        {
            return Ownership.Taken;
        }

        if (await session.GetAsync(path, stop) is not var (existing, _, owner))
        {
            return await OwnAsync(session, path, data, stop);
        }

        if (owner == session.Id)
        {
            return Ownership.Kept;
        }

        if (!IsSameBroker(existing, data))
        {
            return Ownership.Another;
        }

        await session.DeleteAsync(path, stop);
        return await OwnAsync(session, path, data, stop);
    }

    private static bool IsSameBroker(byte[] existing, byte[] own)
    {
        try
        {
            using var before = JsonDocument.Parse(existing);
            using var now = JsonDocument.Parse(own);
            return ((string[])["brokerid", "endpoints"]).All(name =>
                !now.RootElement.TryGetProperty(name, out var mine)
                || (before.RootElement.TryGetProperty(name, out var its) && its.GetRawText() == mine.GetRawText()));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task CountElectionAsync(ZooKeeperSession session, CancellationToken stop)
    {
        while (true)
        {
            if (await session.GetAsync("/controller_epoch", stop) is not var (data, version, _))
            {
                await session.CreateAsync("/controller_epoch", "0"u8.ToArray(), isEphemeral: false, stop);
                continue;
            }

            _epoch = int.TryParse(data, CultureInfo.InvariantCulture, out var epoch) ? epoch + 1 : 1;
            if (await session.SetAsync("/controller_epoch", Number(_epoch), version, stop) == 0)
            {
                return;
            }
        }
    }

    /// <summary>Writes what changed since the last time, and deletes the topics of this broker that are gone.</summary>
    private async Task ReconcileAsync(ZooKeeperSession session, CancellationToken stop)
    {
        var all = topics.All.ToArray();
        foreach (var topic in all)
        {
            var path = $"/brokers/topics/{topic.Name}";
            await WriteAsync(session, path, Json(new()
            {
                ["removing_replicas"] = new Dictionary<string, object?>(),
                ["partitions"] = Enumerable.Range(0, topic.Partitions.Length)
                    .ToDictionary(partition => partition.ToString(CultureInfo.InvariantCulture), object? (_) => (int[])[options.NodeId]),
                ["topic_id"] = DataFolder.Base64(topic.Id),
                ["adding_replicas"] = new Dictionary<string, object?>(),
                ["version"] = 3,
            }), stop);
            await WriteAsync(session, $"/config/topics/{topic.Name}", Json(new()
            {
                ["version"] = 1,
                ["config"] = topic.Settings.ToDictionary(setting => setting.Key, object? (setting) => setting.Value),
            }), stop);
            await WriteAsync(session, $"{path}/partitions", null, stop);
            for (var partition = 0; partition < topic.Partitions.Length; partition++)
            {
                var state = string.Create(CultureInfo.InvariantCulture, $"{path}/partitions/{partition}");
                await WriteAsync(session, state, null, stop);
                await WriteAsync(session, $"{state}/state", Json(new()
                {
                    ["controller_epoch"] = _epoch,
                    ["leader"] = options.NodeId,
                    ["version"] = 1,
                    ["leader_epoch"] = folder.LeaderEpoch,
                    ["isr"] = (int[])[options.NodeId],
                }), stop);
            }
        }

        foreach (var name in (await session.ChildrenAsync("/brokers/topics", stop)).Except(all.Select(topic => topic.Name)))
        {
            if (await session.GetAsync($"/brokers/topics/{name}", stop) is var (data, _, _) && IsOfThisBroker(data))
            {
                await DeleteAllAsync(session, $"/brokers/topics/{name}", stop);
                await session.DeleteAsync($"/config/topics/{name}", stop);
            }
        }

        foreach (var gone in _written.Keys.Where(path => !all.Any(topic => IsOf(path, topic.Name))).ToArray())
        {
            _written.Remove(gone);
        }

        static bool IsOf(string path, string topic) =>
            path == $"/config/topics/{topic}" || path == $"/brokers/topics/{topic}" || path.StartsWith($"/brokers/topics/{topic}/", StringComparison.Ordinal);
    }

    private async Task WriteAsync(ZooKeeperSession session, string path, byte[]? data, CancellationToken stop)
    {
        var text = data is null ? "" : Convert.ToBase64String(data);
        if (_written.GetValueOrDefault(path) == text)
        {
            return;
        }

        if (await session.CreateAsync(path, data, isEphemeral: false, stop) == ZooKeeperSession.NodeExists && data is not null)
        {
            await session.SetAsync(path, data, -1, stop);
        }

        _written[path] = text;
    }

    /// <summary>Topics that have replicas on other brokers too are none of this one's business.</summary>
    private bool IsOfThisBroker(byte[] topic)
    {
        try
        {
            using var json = JsonDocument.Parse(topic);
            return json.RootElement.GetProperty("partitions").EnumerateObject()
                .All(partition => partition.Value.EnumerateArray().All(replica => replica.GetInt32() == options.NodeId));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task DeleteAllAsync(ZooKeeperSession session, string path, CancellationToken stop)
    {
        foreach (var child in await session.ChildrenAsync(path, stop))
        {
            await DeleteAllAsync(session, $"{path}/{child}", stop);
        }

        await session.DeleteAsync(path, stop);
    }

    private static async Task LeaveAsync(ZooKeeperSession session)
    {
        using var patience = new CancellationTokenSource(Pause);
        try
        {
            if (session.IsConnected)
            {
                await session.CloseAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The session ends by itself.
        }
    }

    private static byte[] Number(int number) => System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static byte[] Json(Dictionary<string, object?> value) => JsonSerializer.SerializeToUtf8Bytes(value);

    [LoggerMessage(40, LogLevel.Information, "Registered in the ZooKeeper at {Connect}, session 0x{Session:x}")]
    private static partial void LogRegistered(ILogger logger, string connect, long session);

    [LoggerMessage(41, LogLevel.Warning, "The ZooKeeper at {Connect} does not answer ({Reason}); the broker works on without it and tries again")]
    private static partial void LogLost(ILogger logger, string connect, string reason);

    [LoggerMessage(42, LogLevel.Error, "Another broker is registered as node {NodeId} in the ZooKeeper at {Connect}; give one of them another node.id")]
    private static partial void LogTwin(ILogger logger, int nodeId, string connect);
}
