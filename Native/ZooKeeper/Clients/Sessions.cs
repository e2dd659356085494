using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ZooKeeper.Clients;

/// <summary>A session: it outlives its connections, and ends when it was not heard of for its time-out.</summary>
internal sealed class Session(long id, int timeoutMs)
{
    public long Id => id;

    /// <summary>As negotiated when it was made, in milliseconds.</summary>
    public int TimeoutMs => timeoutMs;

    /// <summary>In ticks of the clock's milliseconds, see <see cref="Sessions.Now"/>.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Null while it has no connection.</summary>
    public Client? Client { get; set; }
}

/// <summary>The sessions. Used under the database's lock.</summary>
internal sealed class Sessions
{
    private readonly Dictionary<long, Session> _byId = [];
    private readonly TimeProvider _time;
    private readonly byte[] _key;
    private readonly int _tickMs;
    private long _nextId;

    /// <param name="known">The ids of sessions that live on, with their time-outs in milliseconds.</param>
    /// <param name="key">The secret that passwords are made from.</param>
    /// <param name="tickMs">Sessions expire at multiples of this.</param>
    /// <param name="time">The clock.</param>
    public Sessions(IReadOnlyDictionary<long, int> known, byte[] key, int tickMs, TimeProvider time)
    {
        (_key, _tickMs, _time) = (key, tickMs, time);
        foreach (var (id, timeout) in known)
        {
            var session = new Session(id, timeout);
            _byId.Add(id, session);
            Touch(session, timeout);
        }

        // As Apache's: 5 bytes of the time and 2 of a counter below a byte for the server's number, which is 0 here.
        var fromTime = (time.GetUtcNow().ToUnixTimeMilliseconds() & 0xff_ffff_ffff) << 16;
        _nextId = Math.Max(fromTime, known.Keys.Where(id => id >> 56 == 0).DefaultIfEmpty().Max() + 1);
    }

    public int Count => _byId.Count;

    public IReadOnlyCollection<Session> All => _byId.Values;

    /// <summary>Milliseconds of a clock that never goes back.</summary>
    public long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    public IReadOnlyCollection<(long Id, int TimeoutMs)> List() => [.. _byId.Values.Select(session => (session.Id, session.TimeoutMs))];

    public Session? Find(long id) => _byId.GetValueOrDefault(id);

    public Session Add(int timeoutMs)
    {
        var session = new Session(_nextId++, timeoutMs);
        _byId.Add(session.Id, session);
        Touch(session, timeoutMs);
        return session;
    }

    public void Remove(Session session) => _byId.Remove(session.Id);

    /// <summary>The session was heard of: it lives on until the tick after its time-out.</summary>
    public void Touch(Session session, int timeoutMs) => session.ExpiresAt = (((Now + timeoutMs) / _tickMs) + 1) * _tickMs;

    public Session[] Expired()
    {
        var now = Now;
        return [.. _byId.Values.Where(session => session.ExpiresAt <= now)];
    }

    /// <summary>What a client shows to come back to its session; 16 bytes.</summary>
    public byte[] Password(long id)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id);
        return HMACSHA256.HashData(_key, bytes)[..16];
    }

    public bool IsPassword(long id, ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(password, Password(id));
}
