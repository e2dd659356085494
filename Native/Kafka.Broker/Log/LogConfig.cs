namespace Kafka.Broker.Log;

/// <summary>What a partition's log honours of its topic's configuration; replaced as a whole when that is altered.</summary>
internal sealed record LogConfig
{
    /// <summary>Milliseconds; -1 keeps for ever.</summary>
    public long RetentionMs { get; init; } = 7 * 24 * 3600 * 1000L;

    /// <summary>Bytes of a partition; -1 is no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary>Milliseconds between the first record of a segment and the first of the next.</summary>
    public long SegmentMs { get; init; } = 7 * 24 * 3600 * 1000L;

    /// <summary>The largest batch, in bytes as sent.</summary>
    public int MaxMessageBytes { get; init; } = 1048588;

    /// <summary>message.timestamp.type: the producer's time, or the broker's at the append.</summary>
    public bool LogAppendTime { get; init; }

    /// <summary>cleanup.policy has `delete`: retention applies. A topic that is only compacted keeps everything, since nothing compacts it yet.</summary>
    public bool IsDeleted { get; init; } = true;

    /// <summary>cleanup.policy has `compact`: a record needs a key.</summary>
    public bool IsCompacted { get; init; }

    /// <summary>Milliseconds that a producer's clock may be behind the broker's.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>Milliseconds that it may be ahead. A record from far ahead would never be old.</summary>
    public long TimestampAfterMaxMs { get; init; } = 3_600_000;

    /// <summary>So many records are brought to the disk before the last of them is acknowledged.</summary>
    public long FlushMessages { get; init; } = long.MaxValue;
}
