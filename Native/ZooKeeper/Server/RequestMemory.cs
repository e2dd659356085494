namespace ZooKeeper.Server;

/// <summary>The memory of all large requests that are being received (largeRequestMaxBytes). A request that finds none closes its connection.</summary>
internal sealed class RequestMemory(long most)
{
    private long _used;

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= most)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _used, -bytes);
}
