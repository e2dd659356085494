using System.Net;
using Kafka.Broker.Apis;
using Kafka.Broker.Files;
using Kafka.Broker.Groups;
using Kafka.Broker.Log;
using Kafka.Broker.Registration;
using Kafka.Broker.Settings;
using Kafka.Broker.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Server;

/// <summary>The broker as a service of the host: opens the data folder, listens, sweeps, and leaves everything on the disk when it stops.</summary>
internal sealed class BrokerService(BrokerOptions options, TimeProvider time, ILogger<BrokerService> log) : IHostedService, IDisposable
{
    /// <summary>How exactly a session or a rebalance ends in time.</summary>
    private static readonly TimeSpan GroupTick = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Listener _listener = new(options, time, log);
    private readonly StorageErrors _errors = new(time, log);
    private DataFolder? _folder;
    private TopicCatalog? _topics;
    private GroupCoordinator? _groups;
    private Task _running = Task.CompletedTask;

    /// <summary>Serves when it returns.</summary>
    /// <exception cref="ArgumentException">The folder or the address can't be had; the message is the sentence to print.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var address = _listener.Bind();
        _folder = new DataFolder(options.DataFolder, options.NodeId);
        var resources = new LogResources(OpenFiles.ForThisProcess(), _errors, time, log);
        _topics = new TopicCatalog(_folder, options, resources);
        _groups = new GroupCoordinator(_folder.File("group-offsets.journal"), options, resources);
        var port = options.AdvertisedPort > 0 ? options.AdvertisedPort : address.Port;
        var broker = new Apis.Broker(options, _folder, _topics, _groups, _errors, AdvertisedHost(address), port);
        _running = Task.WhenAll(
            RegisterAsync(broker),
            _listener.RunAsync(AllApis.Of(broker, time), _stop.Token),
            UntilStopped(EveryAsync(GroupTick, _groups.Tick)),
            UntilStopped(EveryAsync(options.Time("log.flush.interval.ms"), Flush)),
            UntilStopped(EveryAsync(options.Time("log.retention.check.interval.ms"), ApplyRetention)));
        Console.Out.WriteLine($"Kafka.Broker listening on {address}, data in {options.DataFolder}");
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running;
        _groups?.Flush();
        _topics?.Close();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _groups?.Dispose();
        _topics?.Dispose();
        _folder?.Dispose();
        _stop.Dispose();
    }

    /// <summary>In a ZooKeeper, if there is to be one.</summary>
    private Task RegisterAsync(Apis.Broker broker)
    {
        if (options.Value("zookeeper.connect").Length == 0)
        {
            return Task.CompletedTask;
        }

        var registration = new ZooKeeperRegistration(options, _folder!, _topics!, broker.Host, broker.Port, time, log);
        _topics!.Changed += registration.OnTopicsChanged;
        return Task.Run(() => registration.RunAsync(_stop.Token));
    }

    private string AdvertisedHost(IPEndPoint address) =>
        options.AdvertisedHost
        ?? (IPAddress.Any.Equals(address.Address) || IPAddress.IPv6Any.Equals(address.Address) ? Dns.GetHostName() : address.Address.ToString());

    private void Flush()
    {
        _topics!.Flush();
        _groups!.Flush();
    }

    private void ApplyRetention()
    {
        _topics!.ApplyRetention();
        _groups!.Expire();
    }

    private async Task EveryAsync(TimeSpan interval, Action work)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            try
            {
                work();
            }
            catch (Exception e) when (StorageErrors.IsStorageError(e))
            {
                _errors.Report(options.DataFolder, e);
            }
            catch (Exception e)
            {
                BrokerLog.SweepFailed(log, e);
            }
        }
    }

    private static async Task UntilStopped(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}

/// <summary>The log of the broker as a whole.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(20, LogLevel.Error, "Work in the background failed; it is tried again")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
