using Microsoft.Extensions.Logging;

namespace Kafka.Broker.Files;

/// <summary>
/// The folders that can't be written to, or read from: logged once a minute each for as long as it lasts, and shown to clients by
/// DescribeLogDirs (`kafka-log-dirs.sh`), until a write to the folder succeeds.
/// </summary>
internal sealed partial class StorageErrors(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lastLogged = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Whether the exception tells of the disk, rather than of a mistake of ours.</summary>
    public static bool IsStorageError(Exception e) => e is IOException or UnauthorizedAccessException;

    public bool Any => Volatile.Read(ref _count) > 0;

    public void Report(string folder, Exception error)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_lastLogged.TryGetValue(folder, out var last) && time.GetElapsedTime(last, now) < LogInterval)
            {
                return;
            }

            _lastLogged[folder] = now;
            Volatile.Write(ref _count, _lastLogged.Count);
        }

        LogTrouble(log, folder, error.Message);
    }

    /// <summary>A write to the folder succeeded.</summary>
    public void Clear(string folder)
    {
        if (!Any)
        {
            return;
        }

        lock (_lock)
        {
            if (!_lastLogged.Remove(folder))
            {
                return;
            }

            Volatile.Write(ref _count, _lastLogged.Count);
        }

        LogOver(log, folder);
    }

    /// <summary>The folder is deleted with what was wrong with it.</summary>
    public void Forget(string folder)
    {
        lock (_lock)
        {
            _lastLogged.Remove(folder);
            Volatile.Write(ref _count, _lastLogged.Count);
        }
    }

    [LoggerMessage(30, LogLevel.Error, "Storage error in {Folder}, clients are answered KAFKA_STORAGE_ERROR until it is mended: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string folder, string reason);

    [LoggerMessage(31, LogLevel.Information, "{Folder} can be written to again")]
    private static partial void LogOver(ILogger logger, string folder);
}
