namespace ZooKeeper.Clients;

/// <summary>The clients that wait for a transaction to be on the disk.</summary>
internal sealed class DurabilityGate
{
    /// <summary>With more clients than this, the thread pool sends: the log goes on writing.</summary>
    private const int SentByItself = 2;

    private readonly Lock _lock = new();
    private List<Client> _waiting = [];
    private List<Client> _released = [];
    private readonly List<(long Zxid, TaskCompletionSource Reached)> _awaited = [];
    private Exception? _failure;
    private long _durableZxid;

    public DurabilityGate(long durableZxid) => _durableZxid = durableZxid;

    public long DurableZxid => Volatile.Read(ref _durableZxid);

    /// <summary>Lets the client's packets go when the transaction is on the disk; false if it is.</summary>
    public bool Wait(Client client, long zxid)
    {
        lock (_lock)
        {
            if (zxid <= _durableZxid)
            {
                return false;
            }

            if (client.AwaitedZxid == 0)
            {
                _waiting.Add(client);
            }

            client.AwaitedZxid = zxid;
            return true;
        }
    }

    /// <summary>Completes when the transaction is on the disk.</summary>
    public Task UntilDurableAsync(long zxid)
    {
        lock (_lock)
        {
            if (_failure is not null || zxid <= _durableZxid)
            {
                return _failure is null ? Task.CompletedTask : Task.FromException(_failure);
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((zxid, reached));
            return reached.Task;
        }
    }

    /// <summary>Nothing more will be on the disk.</summary>
    public void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure = failure;
            _awaited.ForEach(awaited => awaited.Reached.TrySetException(failure));
            _awaited.Clear();
        }
    }

    /// <summary>Everything up to the transaction is on the disk. Called by one thread.</summary>
    public void Open(long zxid)
    {
        lock (_lock)
        {
            Volatile.Write(ref _durableZxid, zxid);
            (_waiting, _released) = (_released, _waiting);
            foreach (var client in _released)
            {
                if (client.AwaitedZxid > zxid)
                {
                    _waiting.Add(client);
                }
                else
                {
                    client.AwaitedZxid = 0;
                }
            }

            _awaited.RemoveAll(awaited => awaited.Zxid <= zxid && awaited.Reached.TrySetResult());
        }

        for (var i = 0; i < _released.Count; i++)
        {
            if (i < SentByItself)
            {
                _released[i].Outbox.Send(zxid);
            }
            else
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static released => released.Client.Outbox.Send(released.Zxid), (Client: _released[i], Zxid: zxid), preferLocal: false);
            }
        }

        _released.Clear();
    }
}
