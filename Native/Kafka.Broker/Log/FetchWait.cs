namespace Kafka.Broker.Log;

/// <summary>A fetch that waits for more bytes: woken by an append to any of the partitions it is registered at.</summary>
internal sealed class FetchWait
{
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake() => Volatile.Read(ref _woken).TrySetResult();

    /// <summary>Arms it again: what is appended from now on completes the returned task.</summary>
    public Task Next()
    {
        if (_woken.Task.IsCompleted)
        {
            Volatile.Write(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return _woken.Task;
    }
}
