using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One line that a process wrote.</summary>
internal readonly record struct LogEntry(int LineNumber, DateTime Timestamp, string Text, bool IsError);

/// <summary>
/// The console of one process: the last lines and those to come. Readers pull by line number, so that a slow one costs nothing and only
/// misses lines that have left the backlog.
/// </summary>
internal sealed class LogStream(TimeProvider time)
{
    private const int Backlog = 10_000; // lines

    private readonly Lock _gate = new();
    private readonly LogEntry[] _ring = new LogEntry[Backlog];
    private int _forgotten;
    private int _lastLine;
    private bool _completed;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Append(string text, bool isError)
    {
        lock (_gate)
        {
            _lastLine++;
            _forgotten = Math.Max(_forgotten, _lastLine - Backlog);
            _ring[_lastLine % Backlog] = new LogEntry(_lastLine, time.GetUtcNow().UtcDateTime, text, isError);
            Wake();
        }
    }

    /// <summary>No more lines come for now; readers end. A later line opens the stream again.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Wake();
        }
    }

    public void Reopen()
    {
        lock (_gate)
        {
            _completed = false;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _forgotten = _lastLine;
        }
    }

    /// <summary>The lines so far.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogEntry>> ReadAsync(CancellationToken cancellationToken) => ReadAsync(follow: false, forever: false, cancellationToken);

    /// <summary>The lines so far and those to come until the stream is complete.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogEntry>> FollowAsync(CancellationToken cancellationToken) => ReadAsync(follow: true, forever: false, cancellationToken);

    /// <summary>The lines so far and those to come, past the ends of processes.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogEntry>> FollowForeverAsync(CancellationToken cancellationToken) => ReadAsync(follow: true, forever: true, cancellationToken);

    private async IAsyncEnumerable<IReadOnlyList<LogEntry>> ReadAsync(bool follow, bool forever, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var read = 0;
        while (true)
        {
            List<LogEntry> batch;
            Task changed;
            bool completed;
            lock (_gate)
            {
                batch = [];
                for (var line = Math.Max(read, _forgotten) + 1; line <= _lastLine; line++)
                {
                    batch.Add(_ring[line % Backlog]);
                }

                changed = _changed.Task;
                completed = _completed;
            }

            if (batch.Count > 0)
            {
                read = batch[^1].LineNumber;
                yield return batch;
            }
            else if (!follow || (completed && !forever))
            {
                yield break;
            }
            else
            {
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
