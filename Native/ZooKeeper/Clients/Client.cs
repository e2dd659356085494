using System.Net;
using ZooKeeper.Protocol;
using ZooKeeper.Watches;

namespace ZooKeeper.Clients;

/// <summary>One connection's other side: who it is, its session, and what it is to be sent. Used under the database's lock.</summary>
internal sealed class Client(IPEndPoint remote, Outbox outbox, DurabilityGate gate, Statistics statistics, DateTimeOffset since) : IWatcher
{
    /// <summary>Nobody has more; each is compared at each request.</summary>
    private const int MostIdentities = 64;

    private readonly List<Identity> _identities = [new("ip", remote.Address.ToString())];

    public IPEndPoint Remote => remote;

    public Outbox Outbox => outbox;

    public Statistics Statistics => statistics;

    public DateTimeOffset Since => since;

    /// <summary>Null until it has connected to one.</summary>
    public Session? Session { get; set; }

    public long SessionId => Session?.Id ?? 0;

    /// <summary>What this connection negotiated, in milliseconds.</summary>
    public int TimeoutMs { get; set; }

    /// <summary>The newest transaction that a packet waits for; 0 for none. Under the lock of the gate.</summary>
    public long AwaitedZxid { get; set; }

    public IReadOnlyList<Identity> Identities => _identities;

    /// <summary>The last request that was no ping, for `cons`.</summary>
    public (OpCode Type, int Cxid, long Zxid, DateTimeOffset At) Last { get; set; }

    /// <summary>False if it has too many already.</summary>
    public bool AddIdentity(Identity identity)
    {
        if (_identities.Contains(identity))
        {
            return true;
        }

        if (_identities.Count == MostIdentities)
        {
            return false;
        }

        _identities.Add(identity);
        return true;
    }

    /// <summary>Adds a packet, which waits for the transaction that it shows.</summary>
    public void Enqueue(ReadOnlySpan<byte> packet, long zxid, long started, OpCode type)
    {
        outbox.Append(packet, zxid, started, type);
        if (!gate.Wait(this, zxid) && started == 0)
        {
            outbox.Send(gate.DurableZxid);
        }
    }

    /// <summary>Sends what may go, which its own connection does after a batch of requests.</summary>
    public void Send() => outbox.Send(gate.DurableZxid);

    public void Tell(EventType type, string path, long zxid, AccessList? access)
    {
        if (access is not null && !Access.Allows(access, Permission.Read, _identities))
        {
            return;
        }

        const int Connected = 3; // the state of the client: SyncConnected
        using var packet = new JuteWriter();
        packet.Int(0);
        packet.Int(-1); // the xid of events
        packet.Long(zxid);
        packet.Int((int)ErrorCode.Ok);
        packet.Int((int)type);
        packet.Int(Connected);
        packet.String(path);
        packet.PatchInt(0, packet.Length - sizeof(int));
        Enqueue(packet.Span, zxid, started: 0, OpCode.Notification);
    }
}
