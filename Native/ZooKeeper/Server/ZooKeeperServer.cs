using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using ZooKeeper.Clients;
using ZooKeeper.Operations;
using ZooKeeper.Settings;
using ZooKeeper.Storage;

namespace ZooKeeper.Server;

/// <summary>A coordination server that speaks ZooKeeper's protocol, in this process.</summary>
public sealed partial class ZooKeeperServer : IAsyncDisposable
{
    private static readonly TimeSpan SnapshotCheck = TimeSpan.FromMilliseconds(500);

    private readonly ZooKeeperOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Telemetry _telemetry;
    private readonly Listener _listener;
    private readonly DataFolder _folder;
    private readonly TransactionLog _log;
    private readonly Database _database;
    private readonly AdminPage? _admin;
    private readonly Task _running;
    private readonly Task _snapshots;
    private bool _isDisposed;

    private ZooKeeperServer(ZooKeeperOptions options)
    {
        _options = options;
        _listener = new Listener(options);
        _telemetry = new Telemetry(options.Duration("slowRequestMs"));
        DataFolder? folder = null;
        try
        {
            EndPoint = _listener.Bind();
            _folder = folder = new DataFolder(options.DataFolder, options.Disk, options.Logger);
            var recovered = folder.Recover();
            var gate = new DurabilityGate(recovered.LastZxid);
            _log = new TransactionLog(
                options.Disk, folder.Files, options.Number("preAllocSize") * 1024, recovered.LastZxid, gate.Open, OnFlushed, failure => Fail(gate, failure));
            _database = new Database(options, recovered, folder.SessionKey(), _log, gate, _telemetry.OnChange);
            _log.Start();
            lock (_database.Gate)
            {
                _database.EndOrphans();
            }

            if (!recovered.HasSnapshot || recovered.LastZxid - recovered.SnapshotZxid > options.Number("snapCount") / 2)
            {
                TakeSnapshot(); // Apache's server does not start on a log without one
            }

            var report = new Report(options, EndPoint, _database, _listener, folder);
            _telemetry.Observe(_database, () => _listener.Count);
            _admin = options.Admin is { } address ? AdminPage.Start(address, report) : null;
            _running = Task.WhenAll(
                _listener.RunAsync(_database, new FourLetterWords(options, report), _telemetry, _stop.Token),
                EveryAsync(options.Duration("tickTime"), CloseOverdue),
                EveryAsync(options.Duration("znode.container.checkIntervalMs"), _database.ExpireNodes));
            _snapshots = EveryAsync(SnapshotCheck, TakeSnapshotWhenDue);
        }
        catch
        {
            _log?.Dispose();
            folder?.Dispose();
            _listener.Dispose();
            _telemetry.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens, with the port that the system gave.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What clients connect to: HOST:PORT.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"{EndPoint.Address}:{EndPoint.Port}");

    /// <summary>Fails when the server can go on no longer, since the disk does not take its log.</summary>
    public Task Failure => _failed.Task;

    /// <summary>Starts a server; it serves when this returns.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The folder or the address can't be had; the message is a sentence for the user.</exception>
    /// <exception cref="InvalidDataException">The data is broken; the message is a sentence for the user.</exception>
    public static Task<ZooKeeperServer> StartAsync(ZooKeeperOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Task.Run(
            () =>
            {
                var server = new ZooKeeperServer(options);
                ThreadPool.QueueUserWorkItem(_ => server._telemetry.Export()); // it takes longer than the start itself
                return server;
            },
            cancellationToken);
    }

    /// <summary>Stops: connections are closed, sessions live on for the next start, everything is on the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        await _snapshots;
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        _log.Dispose();
        _folder.Dispose();
        _telemetry.Dispose();
        _stop.Dispose();
    }

    private void CloseOverdue()
    {
        _database.ExpireSessions();
        _listener.CloseSessionless();
    }

    private void OnFlushed(TimeSpan duration, int transactions)
    {
        _telemetry.OnFlushed(duration, transactions);
        if (duration >= _options.Duration("fsync.warningthresholdms"))
        {
            LogSlowDisk(_options.Logger, (long)duration.TotalMilliseconds);
        }
    }

    /// <summary>Without its log it can promise nothing more.</summary>
    private void Fail(DurabilityGate gate, Exception failure)
    {
        LogFailed(_options.Logger, _options.DataFolder, failure.Message);
        gate.Fail(failure);
        _failed.TrySetException(failure);
        _stop.Cancel();
        _listener.Dispose();
    }

    private void TakeSnapshotWhenDue()
    {
        var (count, bytes) = _database.SinceSnapshot;
        if (count >= _options.Number("snapCount") || bytes >= _options.Number("snapSizeLimitInKb") * 1024)
        {
            TakeSnapshot();
        }
    }

    private void TakeSnapshot()
    {
        _log.Roll();
        _database.SinceSnapshot = default;
        using var writer = new SnapshotWriter(_options.Disk, _folder.Files);
        var zxid = writer.Write(
            _database.Gate, _database.Tree, _database.Sessions.List, () => _database.LastZxid,
            until => _database.Durability.UntilDurableAsync(until).GetAwaiter().GetResult());
        _folder.Purge((int)_options.Number("autopurge.snapRetainCount"));
        LogSnapshot(_options.Logger, zxid, _database.Tree.Count);
    }

    private async Task EveryAsync(TimeSpan interval, Action work)
    {
        using var timer = new PeriodicTimer(interval, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    LogWorkFailed(_options.Logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Snapshot of transaction 0x{Zxid:x} taken, {Nodes} nodes")]
    private static partial void LogSnapshot(ILogger logger, long zxid, int nodes);

    [LoggerMessage(2, LogLevel.Warning, "The disk took {Milliseconds} ms for a part of the transaction log; all writes wait for it")]
    private static partial void LogSlowDisk(ILogger logger, long milliseconds);

    [LoggerMessage(3, LogLevel.Critical, "The transaction log in {Folder} can't be written, so the server stops: {Reason}")]
    private static partial void LogFailed(ILogger logger, string folder, string reason);

    [LoggerMessage(4, LogLevel.Error, "Work in the background failed; it is tried again")]
    private static partial void LogWorkFailed(ILogger logger, Exception exception);
}
