using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One line of a console.</summary>
/// <param name="LineNumber">From 1.</param>
/// <param name="Content">The time, UTC, and the text.</param>
/// <param name="IsErrorMessage">Whether it was written to standard error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>The consoles of the resources: what their processes write, and what is told about them.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, LogStream> _streams = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;

    /// <summary>Starts without consoles.</summary>
    public ResourceLoggerService()
        : this(TimeProvider.System)
    {
    }

    internal ResourceLoggerService(TimeProvider time) => _time = time;

    /// <summary>Writes to the resource's console; to each of its replicas' consoles if it has several.</summary>
    /// <param name="resource">The resource.</param>
    public ILogger GetLogger(IResource resource) => new ConsoleLogger([.. resource.InstanceIds().Select(StreamOf)]);

    /// <summary>Writes to a console.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    public ILogger GetLogger(string resourceName) => new ConsoleLogger([StreamOf(resourceName)]);

    /// <summary>The lines so far and those to come, until the console is complete.</summary>
    /// <param name="resource">The resource.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => Merge([.. resource.InstanceIds()], follow: true);

    /// <summary>The lines so far and those to come, until the console is complete.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Merge([resourceName], follow: true);

    /// <summary>The lines so far.</summary>
    /// <param name="resource">The resource.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => Merge([.. resource.InstanceIds()], follow: false);

    /// <summary>The lines so far.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName) => Merge([resourceName], follow: false);

    /// <summary>Ends the watching of a console.</summary>
    /// <param name="resource">The resource.</param>
    public void Complete(IResource resource)
    {
        foreach (var id in resource.InstanceIds())
        {
            Complete(id);
        }
    }

    /// <summary>Ends the watching of a console.</summary>
    /// <param name="name">The resource's name, or the replica's.</param>
    public void Complete(string name) => StreamOf(name).Complete();

    /// <summary>Forgets the lines so far.</summary>
    /// <param name="resourceName">The resource's name, or the replica's.</param>
    public void ClearBacklog(string resourceName) => StreamOf(resourceName).Clear();

    internal LogStream StreamOf(string name) => _streams.GetOrAdd(name, _ => new LogStream(_time));

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> Merge(string[] names, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (names.Length == 1)
        {
            await foreach (var batch in Read(names[0], follow, cancellationToken).ConfigureAwait(false))
            {
                yield return Lines(batch);
            }

            yield break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var merged = Channel.CreateBounded<IReadOnlyList<LogLine>>(16);
        var readers = Task.WhenAll(names.Select(async name =>
        {
            await foreach (var batch in Read(name, follow, stop.Token).ConfigureAwait(false))
            {
                await merged.Writer.WriteAsync(Lines(batch), stop.Token).ConfigureAwait(false);
            }
        }));
        _ = readers.ContinueWith(done => merged.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (var batch in merged.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private IAsyncEnumerable<IReadOnlyList<LogEntry>> Read(string name, bool follow, CancellationToken cancellationToken) =>
        follow ? StreamOf(name).FollowAsync(cancellationToken) : StreamOf(name).ReadAsync(cancellationToken);

    private static List<LogLine> Lines(IReadOnlyList<LogEntry> entries) => [.. entries.Select(entry => new LogLine(
        entry.LineNumber,
        $"{entry.Timestamp.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)} {entry.Text}",
        entry.IsError))];

    /// <summary>Writes log messages to consoles; errors and worse as if to standard error.</summary>
    private sealed class ConsoleLogger(LogStream[] streams) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var text = formatter(state, exception);
            if (exception is not null)
            {
                text = $"{text}\n{exception}";
            }

            foreach (var stream in streams)
            {
                stream.Reopen();
                foreach (var line in text.Split('\n'))
                {
                    stream.Append(line.TrimEnd('\r'), logLevel >= LogLevel.Error);
                }
            }
        }
    }
}
